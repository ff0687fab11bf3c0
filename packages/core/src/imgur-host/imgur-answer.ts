/** What the body of a reply says, whatever its shape. */
export interface ImgurAnswer {
  /** False for HTML, XML, an empty body and one that was cut off. */
  readonly json: boolean;
  readonly success: boolean | undefined;
  /** The status that the body claims; it need not be that of the reply. */
  readonly status: number | undefined;
  /** The code of the error inside. */
  readonly code: number | undefined;
  /** The words of the error; of a body that is not JSON, its beginning, to look for known words in. */
  readonly message: string;
  /** Said by the RapidAPI gateway and not by Imgur behind it. */
  readonly byGateway: boolean;
  readonly data: Fields | undefined;
  /** The whole body. */
  readonly fields: Fields | undefined;
}

/** An object of unknown content. */
export type Fields = Readonly<Record<string, unknown>>;

/** So much of a page is looked through. */
const pageCharacters = 4_096;

/** Reads a body. The content type is not asked: it says JSON of HTML and the other way round. */
export function readAnswer(text: string): ImgurAnswer {
  const body = text.trimStart().startsWith('{') ? parse(text) : undefined;
  if (body === undefined) return { ...nothing, message: text.slice(0, pageCharacters) };
  const data = fieldsOf(body.data);
  const error = errorIn(body, data);
  return {
    json: true,
    success: typeof body.success === 'boolean' ? body.success : undefined,
    status: statusOf(body.status),
    code: error.code,
    message: error.message,
    byGateway: error.byGateway ?? false,
    data,
    fields: body,
  };
}

const nothing: ImgurAnswer = {
  json: false,
  success: undefined,
  status: undefined,
  code: undefined,
  message: '',
  byGateway: false,
  data: undefined,
  fields: undefined,
};

interface ErrorInside {
  readonly code?: number | undefined;
  readonly message: string;
  readonly byGateway?: boolean;
}

const none: ErrorInside = { message: '' };

/** The places an error is found in: `data.error` as text or object, `errors[0]`, `data` itself; `message` of the gateway. */
function errorIn(body: Fields, data: Fields | undefined): ErrorInside {
  if (typeof data?.error === 'string') return { message: data.error };
  const inner = fieldsOf(data?.error);
  if (inner !== undefined) return { code: statusOf(inner.code), message: textOf(inner.message) };
  const first = Array.isArray(body.errors) ? fieldsOf(body.errors[0]) : undefined;
  if (first !== undefined)
    return { code: statusOf(first.code), message: textOf(first.detail ?? first.status) };
  if (typeof body.data === 'string') return { message: body.data };
  const said = body.message ?? body.messages;
  return typeof said === 'string' && data === undefined ? { message: said, byGateway: true } : none;
}

function parse(text: string): Fields | undefined {
  try {
    return fieldsOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function fieldsOf(value: unknown): Fields | undefined {
  return isFields(value) ? value : undefined;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Codes come as numbers and as texts. */
function statusOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,6}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) ? number : undefined;
}

/** Lets its holder delete an image; `undefined` where there is none, or nothing that could be one. */
export function deleteHashOf({ deletehash }: Fields): string | undefined {
  return typeof deletehash === 'string' && /^[A-Za-z0-9]{1,64}$/.test(deletehash) ? deletehash : undefined;
}

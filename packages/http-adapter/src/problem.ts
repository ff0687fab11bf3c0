import {
  foreignText,
  IdempotencyConflictError,
  InvalidCursorError,
  InvalidUrlsError,
  QueueFullError,
  StateError,
  StoreUnavailableError,
} from '@imgferry/core';
import type { HttpAnswer } from './http-exchange.ts';

/** The kinds of errors that leave. */
export type ProblemKind =
  | 'badRequest'
  | 'forbidden'
  | 'notFound'
  | 'methodNotAllowed'
  | 'notAcceptable'
  | 'timeout'
  | 'tooLarge'
  | 'unsupportedType'
  | 'keyReused'
  | 'queueFull'
  | 'internal'
  | 'unavailable';

/** The status of each kind, and its name in RFC 9110. No other file knows one. */
export const problemStatuses: Readonly<Record<ProblemKind, readonly [status: number, title: string]>> = {
  badRequest: [400, 'Bad Request'],
  forbidden: [403, 'Forbidden'],
  notFound: [404, 'Not Found'],
  methodNotAllowed: [405, 'Method Not Allowed'],
  notAcceptable: [406, 'Not Acceptable'],
  timeout: [408, 'Request Timeout'],
  tooLarge: [413, 'Content Too Large'],
  unsupportedType: [415, 'Unsupported Media Type'],
  keyReused: [422, 'Unprocessable Content'],
  queueFull: [429, 'Too Many Requests'],
  internal: [500, 'Internal Server Error'],
  unavailable: [503, 'Service Unavailable'],
};

/** What goes with a problem beside its sentence. */
export interface ProblemFacts {
  readonly headers?: Readonly<Record<string, string>>;
  readonly errors?: readonly ProblemEntry[];
}

/** Where in a request something is wrong. The path of the body itself is empty. */
export type Place =
  | { readonly path: readonly (string | number)[] }
  | { readonly parameter: string }
  | { readonly header: string };

/** One thing that is wrong with a request: where, and what. Exactly one of `pointer`, `parameter` and `header` is there. */
export interface ProblemEntry {
  /** The place in a list of the body. */
  readonly index?: number;
  /** A place in the body: a JSON Pointer as the fragment of a URI (RFC 6901, 6), as in the examples of RFC 9457. */
  readonly pointer?: string;
  /** A parameter of the query. */
  readonly parameter?: string;
  readonly header?: string;
  readonly reason: string;
}

/** How many characters a text of a problem has at most. */
export const maxTextLength = 200;
const shutDownRetryMs = 2_000;

/** Why a request is answered with an error, in words that may leave the process. */
export class Problem extends Error {
  override name = 'Problem' as const;
  readonly kind: ProblemKind;
  readonly facts: ProblemFacts;

  constructor(kind: ProblemKind, detail: string, facts: ProblemFacts = {}) {
    super(detail);
    this.kind = kind;
    this.facts = facts;
  }

  /** What is wrong at one place, named both in the sentence and beside it. */
  static at(kind: ProblemKind, place: Place, reason: string, facts: ProblemFacts = {}): Problem {
    return new Problem(kind, `${nameOf(place)} ${reason}`, { ...facts, errors: [entryAt(place, reason)] });
  }

  /** A mistake in how the handler was mounted; said in the answer, because that is where its author looks. */
  static bodyAlreadyRead(): Problem {
    const advice = 'mount this handler before it, or hand the parsed body on as `body` of the request';
    return new Problem('internal', `a body parser read the body and left nothing of it: ${advice}`);
  }
}

/** What is wrong at one of several places. */
export function entryAt(place: Place, reason: string): ProblemEntry {
  if (!('path' in place)) return { ...place, reason };
  const last = place.path.at(-1);
  return { ...(typeof last === 'number' ? { index: last } : {}), pointer: pointerTo(place.path), reason };
}

/** A place as a sentence names it: `urls[3]`, `limit`, `Idempotency-Key`. */
export function nameOf(place: Place): string {
  if ('parameter' in place) return place.parameter;
  if ('header' in place) return place.header;
  const [first, ...others] = place.path;
  return first === undefined ? 'the body' : `${first}${others.map((each) => `[${each}]`).join('')}`;
}

function pointerTo(path: readonly (string | number)[]): string {
  const parts = path.map((each) => String(each).toWellFormed().replaceAll('~', '~0').replaceAll('/', '~1'));
  return `#${parts.map((each) => `/${encodeURIComponent(each)}`).join('')}`;
}

/** What is told about anything that was thrown. Of what is not expected, nothing. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof InvalidUrlsError) return urlsRefused(error);
  if (error instanceof InvalidCursorError)
    return Problem.at('badRequest', { parameter: 'cursor' }, 'is not one that was given out here');
  if (error instanceof IdempotencyConflictError)
    return Problem.at('keyReused', { header: 'Idempotency-Key' }, 'was used before for another submit');
  if (error instanceof QueueFullError) return new Problem('queueFull', error.message, laterOrNever(error));
  if (error instanceof StoreUnavailableError)
    return new Problem('unavailable', 'the store can not answer now', retryAfter(error.retryAfterMs));
  if (error instanceof StateError)
    return new Problem('unavailable', 'the service is being stopped', retryAfter(shutDownRetryMs));
  return new Problem('internal', 'the request could not be answered because of a fault in the service');
}

/** Of what no waiting helps no time is told. */
function laterOrNever({ retryAfterMs }: QueueFullError): ProblemFacts {
  return retryAfterMs === undefined ? {} : retryAfter(retryAfterMs);
}

/** The list as a whole is refused, or some of its URLs. */
function urlsRefused({ message, problems }: InvalidUrlsError): Problem {
  const errors = problems.map(({ index, reason }) => entryAt({ path: ['urls', index] }, reason));
  const whole = { pointer: pointerTo(['urls']), reason: message };
  return new Problem('badRequest', message, { errors: errors.length > 0 ? errors : [whole] });
}

/** A problem as `application/problem+json` (RFC 9457). */
export function problemAnswer({ kind, message, facts }: Problem): HttpAnswer {
  const [status, title] = problemStatuses[kind];
  const errors = facts.errors?.map(harmlessEntry);
  return {
    status,
    headers: { 'content-type': 'application/problem+json', ...facts.headers },
    body: JSON.stringify({ type: 'about:blank', title, status, detail: harmless(message), errors }),
  };
}

/** Whether a problem is nobody's fault but ours, so that it belongs into the log. */
export function isOurs({ kind }: Problem): boolean {
  return problemStatuses[kind][0] >= 500;
}

/** When to ask again. */
export function retryAfter(delayMs: number): ProblemFacts {
  return { headers: { 'retry-after': String(Math.max(1, Math.ceil(delayMs / 1_000))) } };
}

function harmlessEntry({ reason, pointer, ...place }: ProblemEntry): ProblemEntry {
  return {
    ...place,
    ...(pointer === undefined ? {} : { pointer: harmless(pointer) }),
    reason: harmless(reason),
  };
}

/** Some of what is told may be of the sender's making. */
function harmless(text: string): string {
  return foreignText(text, maxTextLength);
}

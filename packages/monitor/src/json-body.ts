import * as v from 'valibot';

import { Problem } from './problem.ts';

/** What is asked for here is a few words. */
const maxBodyBytes = 65_536;
const bodyTimeoutMs = 10_000;

/** What is still on its way would be taken for the next request. */
const closing = { headers: { connection: 'close' } };

/**
 * Reads a body of JSON by a schema of an object. What is wrong is told of the first place that is.
 * @throws Problem
 */
export async function readJsonBody<Output>(
  request: Request,
  schema: v.GenericSchema<unknown, Output>,
): Promise<Output> {
  requireJson(request.headers);
  return parsed(await readBody(request), schema);
}

/** The same of a body that may be left out; nothing is `undefined`. @throws Problem */
export async function readOptionalJsonBody<Output>(
  request: Request,
  schema: v.GenericSchema<unknown, Output>,
): Promise<Output | undefined> {
  const bytes = await readBody(request);
  if (bytes.byteLength === 0) return undefined;
  requireJson(request.headers);
  return parsed(bytes, schema);
}

function requireJson(headers: Headers): void {
  const [type, ...parameters] = (headers.get('content-type') ?? '').toLowerCase().split(';');
  if (type?.trim() !== 'application/json')
    throw Problem.ofHeader('unsupportedType', 'Content-Type', 'must be application/json');
  if (parameters.some((each) => !/^\s*charset\s*=\s*"?utf-8"?\s*$/.test(each)))
    throw Problem.ofHeader('unsupportedType', 'Content-Type', 'must have no charset but utf-8');
  if ((headers.get('content-encoding') ?? 'identity').toLowerCase() !== 'identity')
    throw Problem.ofHeader('unsupportedType', 'Content-Encoding', 'is not taken: send the body as it is');
}

/** A whole body, and not one chunk more when it is too large or too slow. */
async function readBody({ body }: Request): Promise<Uint8Array> {
  if (body === null) return new Uint8Array();
  const reader = body.getReader();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(tooSlow()), bodyTimeoutMs);
  try {
    return await Promise.race([collect(reader), late.promise]);
  } finally {
    clearTimeout(timer);
    reader.cancel().catch(() => {});
  }
}

async function collect(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<Uint8Array> {
  const collected: Uint8Array[] = [];
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read().catch(brokeOff);
    if (done) return Buffer.concat(collected);
    bytes += value.byteLength;
    if (bytes > maxBodyBytes) throw tooLarge();
    collected.push(value);
  }
}

function parsed<Output>(bytes: Uint8Array, schema: v.GenericSchema<unknown, Output>): Output {
  const { success, output, issues } = v.safeParse(schema, objectIn(bytes), { abortEarly: true });
  if (success) return output;
  const [{ path, message, expected, received }] = issues;
  const place = path?.map(({ key }) => key as string | number) ?? [];
  // Nothing in JSON is undefined but what is not there.
  if (received === 'undefined') throw Problem.ofBody('badRequest', place, 'is missing');
  if (expected === 'never') throw Problem.ofBody('badRequest', place, 'is not a key that is known here');
  throw Problem.ofBody('badRequest', place, message);
}

/** Valibot takes a list for an object. */
function objectIn(bytes: Uint8Array): object {
  const value = parse(bytes);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw Problem.ofBody('badRequest', [], 'must be an object');
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw Problem.ofBody('badRequest', [], 'is not JSON in UTF-8');
  }
}

function brokeOff(error: unknown): never {
  throw error instanceof Problem ? error : Problem.ofBody('badRequest', [], 'broke off before its end');
}

function tooLarge(): Problem {
  return new Problem('tooLarge', `the body is larger than ${maxBodyBytes} bytes`, closing);
}

function tooSlow(): Problem {
  return new Problem('timeout', `the body did not arrive within ${bodyTimeoutMs} ms`, closing);
}

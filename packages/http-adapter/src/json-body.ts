import * as v from 'valibot';

import { requireJson } from './content-type.ts';
import type { HttpRequest } from './http-exchange.ts';
import { guardJson } from './json-guard.ts';
import { type Place, Problem } from './problem.ts';
import { type BodyLimits, readBody } from './request-body.ts';

/**
 * Reads a body of JSON that has to be there, by a schema of an object. Of equal keys the last one counts.
 * What is wrong is told of the first place that is.
 */
export async function readJsonBody<Output>(
  request: HttpRequest,
  schema: v.GenericSchema<unknown, Output>,
  limits: BodyLimits,
): Promise<Output> {
  requireJson(request);
  return parseJsonBody(await readBody(request, limits), schema);
}

/** The same of a body that may be left out; nothing is `undefined`. */
export async function readOptionalJsonBody<Output>(
  request: HttpRequest,
  schema: v.GenericSchema<unknown, Output>,
  limits: BodyLimits,
): Promise<Output | undefined> {
  const bytes = await readBody(request, limits);
  if (bytes.byteLength === 0) return undefined;
  requireJson(request);
  return parseJsonBody(bytes, schema);
}

/** Reads the bytes of a body. */
export function parseJsonBody<Output>(bytes: Uint8Array, schema: v.GenericSchema<unknown, Output>): Output {
  guardJson(bytes);
  const { success, output, issues } = v.safeParse(schema, objectOf(parse(decode(bytes))), {
    abortEarly: true,
  });
  if (success) return output;
  const [{ path, message, expected, received }] = issues;
  const place: Place = { path: path?.map(({ key }) => key as string | number) ?? [] };
  // Nothing in JSON is undefined but what is not there.
  if (received === 'undefined') throw Problem.at('badRequest', place, 'is missing');
  if (expected === 'never') throw Problem.at('badRequest', place, 'is not a key that is known here');
  throw Problem.at('badRequest', place, message);
}

/** Valibot takes a list for an object. */
function objectOf(value: unknown): object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw Problem.at('badRequest', { path: [] }, 'must be an object');
}

/** UTF-8 and nothing else, with or without a byte order mark (RFC 8259, 8.1). */
function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw Problem.at('badRequest', { path: [] }, 'is not UTF-8');
  }
}

function parse(text: string): unknown {
  if (text === '') throw Problem.at('badRequest', { path: [] }, 'is empty');
  try {
    return JSON.parse(text);
  } catch {
    throw Problem.at('badRequest', { path: [] }, 'is not JSON');
  }
}

import * as v from 'valibot';

import { Problem } from './problem.ts';

/** What begins with a quote is always read as quoted. */
const plain = /^[\x20\x21\x23-\x7e][\x20-\x7e]{0,254}$/;
/** A String of RFC 9651, as draft-ietf-httpapi-idempotency-key-header has it. */
const quoted = /^"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\]){1,255}"$/;

/** The header as it is sent. The key itself has 1 to 255 characters. */
export const idempotencyKeySchema: v.GenericSchema<string> = v.union([
  v.pipe(v.string(), v.regex(plain)),
  v.pipe(v.string(), v.regex(quoted)),
]);

/** Reads an Idempotency-Key header: in quotes, as the IETF draft has it, or without, as everyone sends it. */
export function readIdempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (v.is(idempotencyKeySchema, header)) return header.startsWith('"') ? unquote(header) : header;
  throw Problem.at(
    'badRequest',
    { header: 'Idempotency-Key' },
    'must be 1 to 255 printable ASCII characters',
  );
}

function unquote(header: string): string {
  return header.slice(1, -1).replace(/\\(.)/g, '$1');
}

import { Problem } from './problem.ts';

const plain = /^[\x20-\x7e]{1,255}$/;
/** A String of RFC 9651, as draft-ietf-httpapi-idempotency-key-header has it. */
const quoted = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/;

/** Reads an Idempotency-Key header: in quotes, as the IETF draft has it, or without, as everyone sends it. */
export function readIdempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const key = header.startsWith('"') ? unquote(header) : header;
  if (key !== undefined && plain.test(key)) return key;
  throw Problem.at(
    'badRequest',
    { header: 'Idempotency-Key' },
    'must be 1 to 255 printable ASCII characters',
  );
}

function unquote(header: string): string | undefined {
  return quoted.exec(header)?.[1]?.replace(/\\(.)/g, '$1');
}

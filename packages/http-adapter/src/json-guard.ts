import { Problem } from './problem.ts';

const maxDepth = 32;
const maxParts = 10_000;

const quote = 0x22;
const backslash = 0x5c;

/**
 * Refuses JSON that is costly only to parse: nested deeper than 32, or of more than 10,000 keys, objects and arrays.
 * Looks at bytes alone and never recurses; whether it is JSON at all is for the parser to say.
 */
export function guardJson(bytes: Uint8Array): void {
  let depth = 0;
  let parts = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === quote) at = endOfString(bytes, at);
    else if (opens(byte)) depth += 1;
    else if (closes(byte)) depth -= 1;
    if (opens(byte) || byte === 0x3a) parts += 1;
    if (depth > maxDepth)
      throw Problem.at('badRequest', { path: [] }, `is nested deeper than ${maxDepth} levels`);
    if (parts > maxParts)
      throw Problem.at('badRequest', { path: [] }, `has more than ${maxParts} keys, objects and arrays`);
  }
}

function endOfString(bytes: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < bytes.length && bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1;
  return at;
}

function opens(byte: number | undefined): boolean {
  return byte === 0x5b || byte === 0x7b;
}

function closes(byte: number | undefined): boolean {
  return byte === 0x5d || byte === 0x7d;
}

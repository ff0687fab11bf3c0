import type { HttpAnswer } from './http-exchange.ts';

/** An answer of JSON: written already, in parts, or a value. */
export function jsonAnswer(
  status: number,
  body: string | AsyncIterable<string>,
  headers: Readonly<Record<string, string>> = {},
): HttpAnswer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body };
}

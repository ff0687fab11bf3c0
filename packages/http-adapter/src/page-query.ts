import * as v from 'valibot';

import type { PageOptions } from '@imgferry/core';
import { Problem } from './problem.ts';

const maxLimit = 1_000;

/** How many items a page has at most, as a whole number without a sign or a zero before it. */
export const limitSchema: v.GenericSchema<string, number> = v.pipe(
  v.string(),
  v.regex(/^[1-9][0-9]*$/),
  v.transform(Number),
  v.number(),
  v.integer(),
  v.minValue(1),
  v.maxValue(maxLimit),
);

/** Where the page before ended. What it means only the store knows. */
export const cursorSchema: v.GenericSchema<string> = v.pipe(v.string(), v.minLength(1), v.maxLength(512));

/** Reads `limit` and `cursor`, each at most once. */
export function readPageQuery(query: URLSearchParams): PageOptions {
  const limit = readLimit(readOnce(query, 'limit'));
  const cursor = readOnce(query, 'cursor');
  if (cursor !== undefined && !v.is(cursorSchema, cursor))
    throw Problem.at('badRequest', { parameter: 'cursor' }, 'is not one that was given out here');
  return { ...(limit === undefined ? {} : { limit }), ...(cursor === undefined ? {} : { cursor }) };
}

/** The value of a parameter that may be there once. */
export function readOnce(query: URLSearchParams, name: string): string | undefined {
  const values = query.getAll(name);
  if (values.length > 1) throw Problem.at('badRequest', { parameter: name }, 'is given more than once');
  return values[0];
}

const pageParameters = ['limit', 'status'] as const;

/** The Link header (RFC 8288) that leads to the next page; nothing at the end. What else was asked for is left out. */
export function linkToNext(
  path: string,
  query: URLSearchParams,
  next: string | undefined,
): Record<string, string> {
  if (next === undefined) return {};
  const following = new URLSearchParams();
  for (const name of pageParameters) for (const value of query.getAll(name)) following.append(name, value);
  following.set('cursor', next);
  return { link: `<${path}?${following}>; rel="next"` };
}

function readLimit(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const { success, output } = v.safeParse(limitSchema, text);
  if (success) return output;
  throw Problem.at('badRequest', { parameter: 'limit' }, `must be a whole number from 1 to ${maxLimit}`);
}

import type { HttpRequest } from './http-exchange.ts';
import { Problem } from './problem.ts';

/** What an answer has on it that comes in several types. */
export const variesByType = { vary: 'Accept' };

/**
 * The type that the reader likes best of those there are, the first of equals (RFC 9110, 12.5.1): each is judged by the
 * range that names it most closely. Parameters other than `q` are passed over, and so is what is no range. Without a
 * header, or with one that says nothing, the first.
 * @throws Problem when none is acceptable
 */
export function preferredType<Type extends string>(
  request: HttpRequest,
  types: readonly [Type, ...Type[]],
): Type {
  const ranges = (request.header('accept') ?? '').toLowerCase().split(',').flatMap(readRange);
  if (ranges.length === 0) return types[0];
  const qualities = types.map((type) => qualityOf(type, ranges));
  const best = Math.max(...qualities);
  const type = types[qualities.indexOf(best)];
  if (type !== undefined && best > 0) return type;
  throw Problem.at('notAcceptable', { header: 'Accept' }, `must allow ${types.join(' or ')}`);
}

interface Range {
  readonly range: string;
  readonly quality: number;
}

const token = "[!#$%&'*+.^_`|~0-9a-z-]+";
const rangeShape = new RegExp(`^${token}/${token}$`);
const qualityShape = /^\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*$/;

function readRange(text: string): readonly Range[] {
  const [range = '', ...parameters] = text.split(';');
  if (!rangeShape.test(range.trim())) return [];
  const quality = parameters.map((each) => qualityShape.exec(each)?.[1]).find((each) => each !== undefined);
  return [{ range: range.trim(), quality: Number(quality ?? 1) }];
}

/** A type that no range names is not acceptable. */
function qualityOf(type: string, ranges: readonly Range[]): number {
  for (const wanted of [type, `${type.split('/')[0]}/*`, '*/*']) {
    const found = ranges.filter(({ range }) => range === wanted);
    if (found.length > 0) return Math.max(...found.map(({ quality }) => quality));
  }
  return 0;
}

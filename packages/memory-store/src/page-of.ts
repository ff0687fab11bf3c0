import { InvalidOptionError, type Page, type PageOptions } from '@imgferry/core';
import { encodeCursor } from './cursor.ts';

const DEFAULT_LIMIT = 100;

/** How many items a page is to have. */
export function pageLimit({ limit = DEFAULT_LIMIT }: PageOptions): number {
  if (Number.isSafeInteger(limit) && limit >= 1) return limit;
  throw new InvalidOptionError('limit', `is ${limit}; it must be a whole number from 1`);
}

/**
 * A page of what `found` gives, in its order. Each comes with the cursor position from which a reader who has not had
 * it yet has to go on.
 */
export function pageOf<Item>(
  list: string,
  limit: number,
  found: Iterable<{ readonly resumeAt: number; readonly item: Item }>,
): Page<Item> {
  const items: Item[] = [];
  for (const { resumeAt, item } of found) {
    if (items.length === limit) return { items, next: encodeCursor(list, resumeAt) };
    items.push(item);
  }
  return { items, next: undefined };
}

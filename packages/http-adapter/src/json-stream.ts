import { setImmediate as nextTurn } from 'node:timers/promises';

/** How many items are read, and written, before others get a turn. */
export const itemsPerTurn = 1_000;

/**
 * Writes `before`, a JSON array of all items, and `after`, a page at a time: no page is asked for before the one
 * before it was taken, and everyone else gets a turn between two.
 */
export async function* writeArray(
  pages: AsyncIterable<readonly unknown[]> | Iterable<readonly unknown[]>,
  before = '',
  after = '',
): AsyncGenerator<string, void, undefined> {
  let opening = `${before}[`;
  for await (const page of pages) {
    if (page.length === 0) continue;
    yield opening + JSON.stringify(page).slice(1, -1);
    opening = ',';
    await nextTurn();
  }
  yield `${opening === ',' ? '' : opening}]${after}`;
}

/** The same of what comes one by one. */
export async function* slicesOf<Item>(
  items: AsyncIterable<Item>,
): AsyncGenerator<readonly Item[], void, undefined> {
  let slice: Item[] = [];
  for await (const item of items) {
    slice.push(item);
    if (slice.length < itemsPerTurn) continue;
    yield slice;
    slice = [];
  }
  yield slice;
}

/** A long list in pieces of {@link itemsPerTurn}. */
export function* slices<Item>(items: readonly Item[]): Generator<readonly Item[], void, undefined> {
  for (let at = 0; at < items.length; at += itemsPerTurn) yield items.slice(at, at + itemsPerTurn);
}

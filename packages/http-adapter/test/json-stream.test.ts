import { setImmediate as nextTurn } from 'node:timers/promises';

import { describe, expect, it } from 'vitest';

import { itemsPerTurn, slices, slicesOf, writeArray } from '../src/json-stream.ts';

const written = async (pages: Iterable<readonly unknown[]>): Promise<unknown> =>
  JSON.parse((await Array.fromAsync(writeArray(pages, '{"all":', '}'))).join(''));

describe('a long array', () => {
  it.each([[[]], [[[]]], [[['a']]], [[[], ['a', 'b'], [], ['"\\ \n'], []]]])(
    'of the pages %j is written whole',
    async (pages) => {
      expect(await written(pages)).toEqual({ all: pages.flat() });
    },
  );

  it('asks for no page before the one before it was taken', async () => {
    let pulled = 0;
    const pages = (function* () {
      for (;;) {
        pulled += 1;
        yield ['x'];
      }
    })();
    const text = writeArray(pages);
    expect(pulled).toBe(0);
    await text.next();
    await nextTurn();
    expect(pulled).toBe(1);
    await text.next();
    expect(pulled).toBe(2);
    await text.return();
  });

  it('gives everyone else a turn between two pages', async () => {
    let turns = 0;
    let going = true;
    const others = (async () => {
      while (going) {
        await nextTurn();
        turns += 1;
      }
    })();
    await Array.fromAsync(writeArray(slices(Array.from({ length: 10 * itemsPerTurn }, () => 'x'))));
    going = false;
    await others;
    expect(turns).toBeGreaterThanOrEqual(10);
  });

  it('gives the pages back when its reader leaves', async () => {
    let given = false;
    const pages = (function* () {
      try {
        for (;;) yield ['x'];
      } finally {
        given = true;
      }
    })();
    const text = writeArray(pages);
    await text.next();
    await text.return();
    expect(given).toBe(true);
  });

  it('is cut into slices that have all of it', () => {
    const items = Array.from({ length: 2 * itemsPerTurn + 1 }, (_, index) => index);
    const cut = [...slices(items)];
    expect(cut.map(({ length }) => length)).toEqual([itemsPerTurn, itemsPerTurn, 1]);
    expect(cut.flat()).toEqual(items);
    expect([...slices([])]).toEqual([]);
  });
});

describe('what comes one by one', () => {
  it.each([0, 1, itemsPerTurn, itemsPerTurn + 1])('is put into slices: %i of them', async (count) => {
    const all = Array.from({ length: count }, (_, index) => index);
    async function* each(): AsyncGenerator<number, void, undefined> {
      yield* all;
    }
    const found = await Array.fromAsync(slicesOf(each()));
    expect(found.flat()).toEqual(all);
    expect(found.every(({ length }) => length <= itemsPerTurn)).toBe(true);
  });
});

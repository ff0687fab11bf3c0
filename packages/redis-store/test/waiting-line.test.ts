import { setImmediate as nextTurn } from 'node:timers/promises';

import { expect, it } from 'vitest';

import { WaitingLine } from '../src/waiting-line.ts';

/** A line for two, and work that a test ends by name. */
function scene() {
  const line = new WaitingLine<number>(2);
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  let times = 0;
  return {
    begun,
    end: async (name: string) => {
      ends.get(name)?.();
      await nextTurn();
    },
    join: (name: string) =>
      line.join(name, async () => {
        begun.push(name);
        times += 1;
        const answer = times;
        await new Promise<void>((resolve) => ends.set(name, resolve));
        if (name === 'broken') throw new Error('broken');
        return answer;
      }),
  };
}

it('no more than two are under way, and who came first is served first', async () => {
  const { begun, end, join } = scene();
  const turns = ['a', 'b', 'c', 'd', 'e'].map(join);
  await nextTurn();
  expect(begun).toEqual(['a', 'b']);
  await end('b');
  expect(begun).toEqual(['a', 'b', 'c']);
  await end('a');
  expect(begun).toEqual(['a', 'b', 'c', 'd']);
  for (const name of ['c', 'd', 'e']) await end(name);
  expect(await Promise.all(turns.map(({ answer }) => answer))).toEqual([1, 2, 3, 4, 5]);
});

it('those who wait for the same share an answer, which was asked for after they came', async () => {
  const { begun, end, join } = scene();
  const first = join('a');
  await nextTurn();
  const [second, third] = [join('a'), join('a')];
  await nextTurn();
  expect(begun).toEqual(['a']);
  await end('a');
  expect(begun).toEqual(['a', 'a']);
  await end('a');
  expect(await Promise.all([first, second, third].map(({ answer }) => answer))).toEqual([1, 2, 2]);
});

it('what everybody has left is not begun, and what somebody still waits for is', async () => {
  const { begun, end, join } = scene();
  for (const name of ['a', 'b']) join(name);
  const [left, shared, kept] = [join('left'), join('shared'), join('shared')];
  left.leave();
  shared.leave();
  for (const name of ['a', 'b']) await end(name);
  expect(begun).toEqual(['a', 'b', 'shared']);
  await end('shared');
  expect(await kept.answer).toBe(3);
});

it('what fails gives its place to the next', async () => {
  const { begun, end, join } = scene();
  const broken = join('broken');
  const [, next] = [join('a'), join('b')];
  await nextTurn();
  const told = expect(broken.answer).rejects.toThrow('broken');
  await end('broken');
  await told;
  expect(begun).toEqual(['broken', 'a', 'b']);
  await end('b');
  expect(await next.answer).toBe(3);
});

import { describe, expect, it } from 'vitest';

import { Batcher } from '../src/batcher.ts';

function heldBatcher(most = 10) {
  const calls: {
    requests: readonly number[];
    answer: (answers: readonly string[]) => void;
    fail: (e: Error) => void;
  }[] = [];
  const batcher = new Batcher<number, string>(
    (requests) => new Promise((answer, fail) => calls.push({ requests, answer, fail })),
    most,
  );
  return { batcher, calls };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a batcher', () => {
  it('sends the first at once and what comes meanwhile together', async () => {
    const { batcher, calls } = heldBatcher();
    const answers = [1, 2, 3].map((n) => batcher.add(n));
    expect(calls.map(({ requests }) => requests)).toEqual([[1]]);
    calls[0]?.answer(['one']);
    await turn();
    expect(calls[1]?.requests).toEqual([2, 3]);
    calls[1]?.answer(['two', 'three']);
    expect(await Promise.all(answers)).toEqual(['one', 'two', 'three']);
  });

  it('sends no more in one call than it may', async () => {
    const { batcher, calls } = heldBatcher(2);
    const answers = [1, 2, 3, 4].map((n) => batcher.add(n));
    calls[0]?.answer(['a']);
    await turn();
    calls[1]?.answer(['b', 'c']);
    await turn();
    calls[2]?.answer(['d']);
    expect(await Promise.all(answers)).toEqual(['a', 'b', 'c', 'd']);
    expect(calls.map(({ requests }) => requests)).toEqual([[1], [2, 3], [4]]);
  });

  it('rejects what went with a call that failed, and goes on', async () => {
    const { batcher, calls } = heldBatcher();
    const first = batcher.add(1);
    const second = batcher.add(2);
    const wrong = new Error('gone');
    calls[0]?.fail(wrong);
    await expect(first).rejects.toBe(wrong);
    calls[1]?.answer(['two']);
    expect(await second).toBe('two');
  });

  it('refuses answers that do not fit the requests', async () => {
    const { batcher, calls } = heldBatcher();
    const first = batcher.add(1);
    calls[0]?.answer([]);
    await expect(first).rejects.toThrow('1 requests were sent and 0 answers came');
  });
});

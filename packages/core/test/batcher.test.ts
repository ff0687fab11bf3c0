import { afterEach, describe, expect, it, vi } from 'vitest';

import { Batcher } from '../src/batcher.ts';

function heldBatcher(most = 10, lingerMs = 0) {
  const calls: {
    requests: readonly number[];
    answer: (answers: readonly string[]) => void;
    fail: (e: Error) => void;
  }[] = [];
  const batcher = new Batcher<number, string>(
    (requests) => new Promise((answer, fail) => calls.push({ requests, answer, fail })),
    most,
    () => lingerMs,
  );
  return { batcher, calls };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

afterEach(() => void vi.useRealTimers());

describe('a batcher', () => {
  it('waits for more while that is worth it, from when the first was added, and no longer than until it has enough', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const { batcher, calls } = heldBatcher(3, 5);
    const answers = [batcher.add(1)];
    await turn();
    vi.advanceTimersByTime(4);
    answers.push(batcher.add(2));
    await turn();
    expect(calls).toEqual([]);
    vi.advanceTimersByTime(1);
    await turn();
    expect(calls.map(({ requests }) => requests)).toEqual([[1, 2]]);
    calls[0]?.answer(['a', 'b']);
    await turn();
    answers.push(...[3, 4, 5].map((n) => batcher.add(n)));
    await turn();
    expect(calls[1]?.requests).toEqual([3, 4, 5]);
    calls[1]?.answer(['c', 'd', 'e']);
    expect(await Promise.all(answers)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('sends together what is added in one turn, and what comes while that is on its way', async () => {
    const { batcher, calls } = heldBatcher();
    const early = [1, 2].map((n) => batcher.add(n));
    await turn();
    const late = [3, 4].map((n) => batcher.add(n));
    await turn();
    expect(calls.map(({ requests }) => requests)).toEqual([[1, 2]]);
    calls[0]?.answer(['one', 'two']);
    expect(await Promise.all(early)).toEqual(['one', 'two']);
    await turn();
    expect(calls[1]?.requests).toEqual([3, 4]);
    calls[1]?.answer(['three', 'four']);
    expect(await Promise.all(late)).toEqual(['three', 'four']);
  });

  it('sends no more in one call than it may', async () => {
    const { batcher, calls } = heldBatcher(2);
    const answers = [1, 2, 3].map((n) => batcher.add(n));
    await turn();
    calls[0]?.answer(['a', 'b']);
    await turn();
    calls[1]?.answer(['c']);
    expect(await Promise.all(answers)).toEqual(['a', 'b', 'c']);
    expect(calls.map(({ requests }) => requests)).toEqual([[1, 2], [3]]);
  });

  it('rejects what went with a call that failed, and goes on', async () => {
    const { batcher, calls } = heldBatcher(1);
    const first = batcher.add(1);
    const second = batcher.add(2);
    await turn();
    const wrong = new Error('gone');
    calls[0]?.fail(wrong);
    await expect(first).rejects.toBe(wrong);
    calls[1]?.answer(['two']);
    expect(await second).toBe('two');
  });

  it('refuses answers that do not fit the requests', async () => {
    const { batcher, calls } = heldBatcher();
    const first = batcher.add(1);
    await turn();
    calls[0]?.answer([]);
    await expect(first).rejects.toThrow('1 requests were sent and 0 answers came');
  });
});

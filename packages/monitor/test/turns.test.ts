import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Turns } from '../src/read/turns.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

/** A line whose tasks end when a test says so. */
function line() {
  const turns = new Turns();
  const begun: { name: string; end: (value: string) => void }[] = [];
  const take = (name: string, signal = new AbortController().signal): Promise<string> => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const task = (): Promise<string> => {
      begun.push({ name, end: resolve });
      return promise;
    };
    const taken = turns.take(name, task, { signal });
    taken.catch(() => {});
    return taken;
  };
  return { take, begun, names: () => begun.map(({ name }) => name) };
}

describe('a turn', () => {
  it('comes to one after the other, and whoever waits for the same shares it, but not what began before', async () => {
    const { take, begun, names } = line();
    const first = take('a');
    const later = [take('b'), take('a'), take('b')];
    await pass(0);
    expect(names()).toEqual(['a']);
    begun[0]?.end('a, before');
    await pass(0);
    begun[1]?.end('b');
    await pass(0);
    begun[2]?.end('a, after');
    expect(await Promise.all([first, ...later])).toEqual(['a, before', 'b', 'a, after', 'b']);
    expect(names()).toEqual(['a', 'b', 'a']);
  });

  it('that never ends is given up after 10 s, and the next has its turn', async () => {
    const { take, begun, names } = line();
    const never = take('never');
    await pass(9_999);
    const next = take('next');
    expect(names()).toEqual(['never']);
    await pass(1);
    await expect(never).rejects.toThrow('the store has not answered for 10 s');
    begun[1]?.end('well');
    expect(await next).toBe('well');
  });

  it('may take 10 s from when it came, however long it was waited for', async () => {
    const { take, begun } = line();
    void take('first');
    const second = take('second');
    await pass(9_000);
    begun[0]?.end('well');
    await pass(9_000);
    begun[1]?.end('well');
    expect(await second).toBe('well');
  });

  it('that did not come for 10 s comes no more, and that is no fault of the store', async () => {
    const { take, begun, names } = line();
    void take('first');
    await pass(5_000);
    const late = take('late');
    begun[0]?.end('well');
    void take('second');
    await pass(0);
    expect(names()).toEqual(['first', 'late']);
    const lost = take('lost');
    await pass(9_000);
    begun[1]?.end('well');
    await pass(999);
    const inTime = take('in time');
    await pass(1);
    await expect(lost).rejects.toMatchObject({ kind: 'full' });
    begun[2]?.end('well');
    await pass(0);
    begun[3]?.end('well');
    expect([await late, await inTime]).toEqual(['well', 'well']);
    expect(names()).toEqual(['first', 'late', 'second', 'in time']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('of what everybody has left comes no more', async () => {
    const { take, begun, names } = line();
    const [one, another] = [new AbortController(), new AbortController()];
    void take('first');
    const left = [take('left', one.signal), take('left', another.signal), take('left', AbortSignal.abort())];
    const wanted = [take('wanted', one.signal), take('wanted')];
    one.abort();
    another.abort();
    await pass(0);
    begun[0]?.end('well');
    await pass(0);
    begun[1]?.end('well');
    expect(await Promise.all(wanted)).toEqual(['well', 'well']);
    for (const each of left) await expect(each).rejects.toMatchObject({ kind: 'full' });
    expect(names()).toEqual(['first', 'wanted']);
    expect(vi.getTimerCount()).toBe(0);
  });
});

import { setImmediate as nextTurn } from 'node:timers/promises';

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { inTime } from '../src/in-time.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

describe('what is awaited for a time', () => {
  it('comes to what it comes to, and leaves no timer behind', async () => {
    const late = (): never => expect.fail('it was not late');
    expect(await inTime(Promise.resolve('done'), 5, late)).toBe('done');
    await expect(inTime(Promise.reject(new RangeError()), 5, late)).rejects.toThrow(RangeError);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('comes to what is answered or thrown in its place when its time is over, and may fail unheard', async () => {
    const begun = Promise.withResolvers<never>();
    const answered = inTime(begun.promise, 5, () => 'late');
    const thrown = inTime(begun.promise, 5, () => {
      throw new RangeError('late');
    });
    vi.advanceTimersByTime(5);
    expect(await answered).toBe('late');
    await expect(thrown).rejects.toThrow(RangeError);
    // An unhandled rejection fails the run of the tests.
    begun.reject(new Error('too late'));
    await nextTurn();
  });
});

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { HeldBytes, type Reservation } from '../../src/http-source/held-bytes.ts';
import type { TransferError } from '../../src/transfer-error.ts';
import { nextTurn } from './loopback.ts';

const never = new AbortController().signal;

describe('the byte budget', () => {
  test('is given out first come, first served, and a small one does not overtake', async () => {
    const held = new HeldBytes(100);
    const order: string[] = [];
    const first = await held.reserve(80, never);
    const large = held.reserve(50, never).finally(() => order.push('large'));
    const small = held.reserve(10, never).finally(() => order.push('small'));
    await nextTurn();
    expect(order).toEqual([]);
    first.release();
    await Promise.all([large, small]);
    expect(order).toEqual(['large', 'small']);
  });

  test('gets back what is not needed, once', async () => {
    const held = new HeldBytes(100);
    const first = await held.reserve(100, never);
    first.shrinkTo(40);
    first.shrinkTo(40);
    await held.reserve(60, never);
    let granted = false;
    const third = held.reserve(40, never).then(() => (granted = true));
    await nextTurn();
    expect(granted).toBe(false);
    first.release();
    first.release();
    await third;
    let overdrawn = false;
    const aborter = new AbortController();
    const fourth = held.reserve(1, aborter.signal).then(() => (overdrawn = true));
    await nextTurn();
    expect(overdrawn).toBe(false);
    aborter.abort(new Error('enough'));
    await expect(fourth).rejects.toThrow('enough');
  });

  test('can be waited for until a signal aborts, and the next one moves up', async () => {
    const held = new HeldBytes(100);
    const first = await held.reserve(60, never);
    const aborter = new AbortController();
    const large = held.reserve(100, aborter.signal);
    const small = held.reserve(40, never);
    aborter.abort(new Error('no more'));
    await expect(large).rejects.toThrow('no more');
    (await small).release();
    first.release();
    await held.reserve(100, never);
  });

  test('is not given to those whose signal has aborted', async () => {
    const held = new HeldBytes(100);
    await expect(held.reserve(10, AbortSignal.abort(new Error('late')))).rejects.toThrow('late');
    await held.reserve(100, never);
  });

  test('refuses all who wait when it is closed', async () => {
    const held = new HeldBytes(10);
    await held.reserve(10, never);
    const waiting = [held.reserve(5, never), held.reserve(1, never)];
    held.close(new Error('closed'));
    expect((await Promise.allSettled(waiting)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});

describe('bytes that many wait for', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
  afterEach(() => void vi.useRealTimers());

  /** All bytes are held, and so many wait for all of them; says how each of these has ended. */
  async function queueOf(count: number) {
    const held = new HeldBytes(100);
    const ends: (string | TransferError)[] = Array.from({ length: count }, () => 'waits');
    const first = await held.reserve(100, never);
    const reservations: Reservation[] = [first];
    const wait = async (at: number): Promise<void> => {
      try {
        reservations.push(await held.reserve(100, never));
        ends[at] = 'holds';
      } catch (error) {
        ends[at] = error as TransferError;
      }
    };
    for (const at of ends.keys()) void wait(at);
    await vi.advanceTimersByTimeAsync(0);
    return { held, ends, wait, passOn: () => reservations.shift()?.release() };
  }

  test('are waited for by two; the others give their slots back, and come back later', async () => {
    const { ends, passOn } = await queueOf(4);
    await vi.advanceTimersByTimeAsync(999);
    expect(ends).toEqual(['waits', 'waits', 'waits', 'waits']);
    await vi.advanceTimersByTimeAsync(1);
    const away = { code: 'source_busy', retry: 'wait', retryAfterMs: 1_000 };
    expect(ends).toMatchObject(['waits', 'waits', away, { ...away, retryAfterMs: 2_000 }]);
    await vi.advanceTimersByTimeAsync(600_000);
    for (const expected of [
      ['holds', 'waits'],
      ['holds', 'holds'],
    ]) {
      passOn();
      await vi.advanceTimersByTimeAsync(0);
      expect(ends.slice(0, 2)).toEqual(expected);
    }
  });

  test('are waited for by who has moved up in time', async () => {
    const { ends, passOn } = await queueOf(3);
    passOn();
    await vi.advanceTimersByTimeAsync(600_000);
    expect(ends).toEqual(['holds', 'waits', 'waits']);
  });

  test('are asked for again at twice the pace at which they come free, and once a minute at least', async () => {
    const { ends, wait } = await queueOf(2);
    await vi.advanceTimersByTimeAsync(39_000);
    ends.push('waits', 'waits', 'waits', 'waits');
    for (const at of [2, 3, 4, 5]) void wait(at);
    await vi.advanceTimersByTimeAsync(1_000);
    const delays = ends.slice(2).map((end) => (end as TransferError).retryAfterMs);
    expect(delays).toEqual([20_000, 40_000, 60_000, 60_000]);
  });
});

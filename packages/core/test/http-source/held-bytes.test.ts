import { describe, expect, test } from 'vitest';

import { HeldBytes } from '../../src/http-source/held-bytes.ts';
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

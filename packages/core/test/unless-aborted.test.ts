import { setImmediate as nextTurn } from 'node:timers/promises';

import { describe, expect, it } from 'vitest';

import { unlessAborted } from '../src/unless-aborted.ts';

const reason = new Error('drain');

describe('what is awaited unless aborted', () => {
  it('comes to what it comes to, also when the signal aborts after that', async () => {
    const abort = new AbortController();
    expect(await unlessAborted(Promise.resolve('done'), abort.signal)).toBe('done');
    await expect(unlessAborted(Promise.reject(new RangeError()), abort.signal)).rejects.toThrow(RangeError);
    abort.abort(reason);
  });

  it('is waited for no longer than until the signal aborts', async () => {
    const abort = new AbortController();
    const waiting = unlessAborted(new Promise(() => {}), abort.signal);
    abort.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });

  it('may fail unheard when the signal had aborted before', async () => {
    const begun = Promise.withResolvers<never>();
    await expect(unlessAborted(begun.promise, AbortSignal.abort(reason))).rejects.toBe(reason);
    await expect(unlessAborted(Promise.resolve(), AbortSignal.abort(reason))).rejects.toBe(reason);
    // An unhandled rejection fails the run of the tests.
    begun.reject(new Error('too late'));
    await nextTurn();
  });
});

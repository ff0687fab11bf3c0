import { describe, expect, it } from 'vitest';

import { StoreUnavailableError } from '../src/errors.ts';
import { Outbox } from '../src/outbox.ts';
import { Pace } from '../src/pace.ts';
import type { Settlement, SettleRequest } from '../src/store.ts';
import { aLease, ScriptedStore } from '../src/testing/index.ts';

const settled: Settlement = { status: 'settled', jobFinished: false };
const reading = { scope: ['b'], buckets: [] };

function request(index: number): SettleRequest {
  const failure = { code: 'not_an_image', message: 'it is HTML' } as const;
  return { lease: aLease({ index }), outcome: { status: 'failed', failure }, posts: 0 };
}

describe('what a worker tells the store', () => {
  it('is sent again until the store has it', async () => {
    const away = new StoreUnavailableError('away');
    let calls = 0;
    const store = new ScriptedStore({
      settle: () => {
        calls += 1;
        return calls < 3 ? Promise.reject(away) : Promise.resolve([settled]);
      },
    });
    const errors: unknown[] = [];
    const outbox = new Outbox({ store, pace: new Pace(), onError: (error) => errors.push(error) });
    expect(await outbox.settle(request(0), [reading])).toEqual(settled);
    expect(errors).toEqual([away, away]);
    expect(store.callsOf('settle').map(({ args }) => args)).toEqual(Array(3).fill([[request(0)], [reading]]));
  });

  it('shares a call, and readings go once', async () => {
    const store = new ScriptedStore({ settle: (requests) => Promise.resolve(requests.map(() => settled)) });
    const outbox = new Outbox({ store, pace: new Pace(), onError: () => {} });
    await Promise.all([0, 1, 2].map((index) => outbox.settle(request(index), [reading])));
    expect(store.callsOf('settle').map(({ args }) => args)).toEqual([
      [[request(0), request(1), request(2)], [reading]],
    ]);
  });

  it('is refused by itself when it can not be recorded, and takes nothing with it', async () => {
    const store = new ScriptedStore({ settle: (requests) => Promise.resolve(requests.map(() => settled)) });
    const outbox = new Outbox({ store, pace: new Pace(), onError: () => {} });
    const answers = await Promise.allSettled([
      outbox.settle(request(0), []),
      outbox.settle({ ...request(1), posts: Number.NaN }, [reading]),
      outbox.settle(request(2), []),
    ]);
    expect(answers).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: { message: 'posts is NaN; it must be a whole number from 0' } },
      { status: 'fulfilled' },
    ]);
    expect(store.callsOf('settle').map(({ args }) => args)).toEqual([[[request(0), request(2)], [reading]]]);
    const release = { lease: aLease(), delayMs: Number.NaN, countAttempt: false, posts: 0 };
    await expect(outbox.release(release, [])).rejects.toThrow('delayMs is NaN; it must be a number');
  });

  it('rejects at once for what asking again will not mend', async () => {
    const fault = new TypeError('a fault');
    const store = new ScriptedStore({ settle: () => Promise.reject(fault) });
    await expect(
      new Outbox({ store, pace: new Pace(), onError: () => {} }).settle(request(0), []),
    ).rejects.toBe(fault);
  });

  it('is given up when the worker can wait no longer', async () => {
    const store = new ScriptedStore({
      queue: { release: () => Promise.reject(new StoreUnavailableError('away')) },
    });
    const outbox = new Outbox({ store, pace: new Pace(), onError: () => outbox.abandon() });
    const release = outbox.release({ lease: aLease(), delayMs: 0, countAttempt: false, posts: 0 }, []);
    await expect(release).rejects.toThrow('the store was away until the worker had to stop');
  });
});

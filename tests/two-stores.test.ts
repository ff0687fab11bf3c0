import { randomUUID } from 'node:crypto';

import fc from 'fast-check';
import { expect, inject, it } from 'vitest';

import { MemoryStore } from '@imgferry/memory-store';
import { checkInvariants, RedisStore } from '@imgferry/redis-store';
import { MovedClock, moveClockByHand } from '../packages/redis-store/test/moved-clock.ts';
import { anySteps, LEASE_MS, type Step, TICK_MS } from './any-steps.ts';
import { StoreRun } from './store-run.ts';

moveClockByHand();

/** FUZZ_RUNS=5000 looks longer. */
const runs = Number(process.env.FUZZ_RUNS ?? 100);

const claim = { do: 'claim', limit: 5, worker: 0, isLimited: false, leaseMs: LEASE_MS } as const;
const given = { countAttempt: true, posts: 0, possiblyDuplicated: false, failure: undefined } as const;
const ended = { complete: false, posts: 0, possiblyDuplicated: false, reused: false } as const;
const failed = { ...ended, remember: undefined, failure: { code: 'source_tls', message: 'no' } } as const;
/** What chance comes to once in thousands of runs. */
const rare: Readonly<Record<string, Step[]>> = {
  'delayed in another order than released, when all runs again': [
    claim,
    {
      do: 'release',
      releases: [
        { ...given, pick: 4, delayMs: 8 * TICK_MS },
        { ...given, pick: 0, delayMs: 0 },
        { ...given, pick: 1, delayMs: 0 },
      ],
      readings: [],
    },
    { do: 'cancel', job: 0 },
    { do: 'retry', job: 0, maxWaiting: undefined },
    claim,
  ],
  'failed in another order than claimed, when some run again': [
    claim,
    {
      do: 'settle',
      settles: [
        { ...failed, pick: 1 },
        { ...failed, pick: 0 },
      ],
      readings: [],
    },
    { do: 'retry some', job: 0, maxWaiting: undefined, numbers: undefined, codes: ['source_tls'] },
    claim,
  ],
};

it(
  'whatever is done in whatever order, the stores in memory and in Redis answer the same',
  async () => {
    await fc.assert(
      fc.asyncProperty(anySteps, async (steps) => {
        const redisOptions = {
          url: inject('redisUrl'),
          namespace: `test-${randomUUID()}`,
          timeoutMs: 20_000,
        };
        const clock = await new MovedClock(redisOptions.url, redisOptions.namespace).begin();
        const memory = new StoreRun(new MemoryStore({ clock: () => clock.now }));
        const redis = new StoreRun(new RedisStore(redisOptions));
        try {
          for (const run of [memory, redis]) await run.begin();
          for (const step of steps) {
            await clock.elapse(step.do === 'elapse' ? step.ticks * TICK_MS : TICK_MS);
            if (step.do !== 'elapse') expect(await redis.take(step)).toEqual(await memory.take(step));
          }
          expect(await redis.state()).toEqual(await memory.state());
          expect((await checkInvariants(redisOptions)).violations).toEqual([]);
          expect(await redis.history()).toEqual(await memory.history());
        } finally {
          await redis.end();
          clock.close();
        }
      }),
      { numRuns: runs, examples: Object.values(rare).map((steps) => [steps]) },
    );
  },
  20_000 + runs * 200,
);

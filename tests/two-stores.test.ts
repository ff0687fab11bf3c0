import { randomUUID } from 'node:crypto';

import fc from 'fast-check';
import { expect, inject, it } from 'vitest';

import { MemoryStore } from '@imgferry/memory-store';
import { checkInvariants, RedisStore } from '@imgferry/redis-store';
import { MovedClock, moveClockByHand } from '../packages/redis-store/test/moved-clock.ts';
import { anySteps, TICK_MS } from './any-steps.ts';
import { StoreRun } from './store-run.ts';

moveClockByHand();

/** FUZZ_RUNS=5000 looks longer. */
const runs = Number(process.env.FUZZ_RUNS ?? 100);

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
      { numRuns: runs },
    );
  },
  20_000 + runs * 200,
);

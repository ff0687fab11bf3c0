import { randomUUID } from 'node:crypto';

import fc from 'fast-check';
import { expect, inject, it } from 'vitest';

import type { Lease, Outcome, Store } from '@imgferry/core';
import { MemoryStore } from '@imgferry/memory-store';
import { checkInvariants, RedisStore } from '@imgferry/redis-store';
import { MovedClock, moveClockByHand } from '../packages/redis-store/test/moved-clock.ts';

moveClockByHand();

const HOST = 'host';
const URLS = Array.from({ length: 5 }, (_, index) => `https://a.example/${index}`);
const LEASE_MS = 100;

const pick = fc.nat(1_000);
const job = fc.nat(1);
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('claim' as const), limit: fc.integer({ min: 1, max: 5 }) }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('complete' as const, 'fail' as const), pick }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('release' as const),
      pick,
      delayMs: fc.constantFrom(0, 70, 1_000),
      countAttempt: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('extend' as const), pick }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('cancel' as const, 'retry' as const), job }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('retry some' as const), job, urls: fc.subarray(URLS) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('pause' as const, 'resume' as const), job }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('elapse' as const), ms: fc.constantFrom(40, 110) }) },
);

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

it('whatever is done in whatever order, the stores in memory and in Redis answer the same', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const namespace = `test-${randomUUID()}`;
      const clock = await new MovedClock(inject('redisUrl'), namespace).begin();
      const memory = new Run(new MemoryStore({ clock: () => clock.now }));
      const redis = new Run(new RedisStore({ url: inject('redisUrl'), namespace }));
      try {
        for (const run of [memory, redis]) await run.begin();
        for (const each of steps) {
          // Of what is due in the same moment either may go first, so no two steps are of the same moment.
          await clock.elapse(1);
          if (each.do === 'elapse') await clock.elapse(each.ms);
          else expect(await redis.take(each)).toEqual(await memory.take(each));
        }
        expect(await redis.state()).toEqual(await memory.state());
        const { violations } = await checkInvariants({ url: inject('redisUrl'), namespace });
        expect(violations).toEqual([]);
      } finally {
        await redis.end();
        clock.close();
      }
    }),
    { numRuns: 200 },
  );
}, 60_000);

/** One store on its way through the steps. Tokens may differ between two of them; nothing else may. */
class Run {
  readonly #store: Store;
  readonly #leases: Lease[] = [];
  readonly #jobs = ['job a', 'job b'];

  constructor(store: Store) {
    this.#store = store;
  }

  async begin(): Promise<void> {
    for (const id of this.#jobs) await this.#store.create({ id, urls: URLS, host: HOST, options: {} });
  }

  end(): Promise<void> {
    return this.#store.close();
  }

  async take(each: Exclude<Step, { do: 'elapse' }>): Promise<unknown> {
    if (each.do === 'claim') return this.#claim(each.limit);
    if ('pick' in each) return this.#useLease(each);
    const jobId = this.#jobs[each.job] ?? '';
    if (each.do === 'cancel') return this.#store.cancel(jobId);
    if (each.do === 'retry') return this.#store.retry(jobId);
    if (each.do === 'retry some') return this.#store.retry(jobId, { urls: each.urls });
    return each.do === 'pause' ? this.#store.pause({ jobId }) : this.#store.resume({ jobId });
  }

  /** All that can be read. */
  async state(): Promise<unknown> {
    const { minutes: _, ...stats } = await this.#store.stats();
    const jobs = await Promise.all(this.#jobs.map((jobId) => this.#store.uploads(jobId)));
    return { stats, jobs, links: await this.#store.links() };
  }

  async #claim(limit: number): Promise<unknown> {
    const claimed = await this.#store.queue.claim({
      host: HOST,
      limit,
      leaseMs: LEASE_MS,
      workerId: 'worker',
    });
    this.#leases.push(...claimed.leases);
    return { ...claimed, leases: claimed.leases.map(({ token: _, ...facts }) => facts) };
  }

  async #useLease(each: Extract<Step, { pick: number }>): Promise<unknown> {
    const lease = this.#leases[each.pick % Math.max(1, this.#leases.length)];
    if (lease === undefined) return undefined;
    const { queue } = this.#store;
    if (each.do === 'extend') return (await queue.extend([lease], LEASE_MS)).map(({ reason }) => reason);
    const failure = { code: 'source_timeout', message: 'late' } as const;
    if (each.do === 'release') {
      const { delayMs, countAttempt } = each;
      return queue.release([{ lease, delayMs, countAttempt, failure, posts: 0 }]);
    }
    const outcome: Outcome =
      each.do === 'fail'
        ? { status: 'failed', failure }
        : {
            status: 'complete',
            link: `https://links.example/${lease.jobId}/${lease.index}`,
            bytes: 1,
            type: 'image/png',
          };
    return this.#store.settle([{ lease, outcome, posts: 0 }]);
  }
}

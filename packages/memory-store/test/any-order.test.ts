import fc from 'fast-check';
import { expect, it } from 'vitest';

import type { Lease } from '@imgferry/core';
import { MemoryStore } from '../src/index.ts';
import { PlainModel } from './plain-model.ts';

const HOST = 'host';
const JOBS = ['job a', 'job b'];
const URLS = Array.from({ length: 6 }, (_, index) => `https://a.example/${index}`);
const LEASE_MS = 100;

const job = fc.constantFrom(...JOBS);
const pick = fc.nat(1_000);
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('claim' as const), limit: fc.integer({ min: 1, max: 5 }) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('complete' as const, 'fail' as const), pick }) },
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
  // Reading brings records up to date, so it must not come after every step: marks have to pile up as well.
  { weight: 1, arbitrary: fc.record({ do: fc.constant('compare' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('pause' as const, 'resume' as const), job }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('elapse' as const), ms: fc.constantFrom(40, 110) }) },
);

it('whatever is done in whatever order, the store and a plain model of it agree', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
      const pair = new Pair();
      await pair.begin();
      for (const each of steps) await pair.take(each);
      await pair.compare();
    }),
    { numRuns: 500 },
  );
}, 60_000);

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** The store and the model, taken through the same steps. */
class Pair {
  readonly #model = new PlainModel();
  readonly #store = new MemoryStore({ clock: () => this.#model.now });
  /** Every lease that was ever given out, so that old ones are shown again too. */
  readonly #leases: Lease[] = [];

  async begin(): Promise<void> {
    for (const id of JOBS) {
      await this.#store.create({ id, urls: URLS, host: HOST, options: {} });
      this.#model.create(id, URLS.length);
    }
  }

  async take(each: Step): Promise<void> {
    if (each.do === 'claim') await this.#claim(each.limit);
    else if (each.do === 'elapse') this.#model.now += each.ms;
    else if (each.do === 'compare') await this.compare();
    else if ('pick' in each) await this.#useLease(each);
    else await this.#changeJob(each);
  }

  async compare(): Promise<void> {
    for (const id of JOBS) {
      const page = await this.#store.uploads(id);
      const model = this.#model.of(id);
      expect(
        page?.items.map(({ status, attempts, failure }) => [status, attempts, failure?.code ?? null]),
      ).toEqual(model.map(({ status, attempts, failure }) => [status, attempts, failure]));
      const count = (wanted: string): number => model.filter(({ status }) => status === wanted).length;
      const { waiting, claimed, complete, failed } = page?.job ?? expect.fail();
      expect([waiting, claimed, complete, failed]).toEqual([
        count('waiting'),
        count('claimed'),
        count('complete'),
        count('failed'),
      ]);
    }
  }

  async #claim(limit: number): Promise<void> {
    const options = { host: HOST, limit, leaseMs: LEASE_MS, workerId: 'worker' };
    const { leases, nextInMs, ended } = await this.#store.queue.claim(options);
    for (const upload of ended) {
      expect(this.#model.find(upload).expiries).toBe(2);
      this.#model.end(upload, 'failed', 'poison');
    }
    for (const lease of leases) {
      expect(this.#model.claimable()).toContain(this.#model.find(lease));
      const { attempts, expiries } = this.#model.claim(lease, LEASE_MS);
      expect([lease.attempt, lease.expiries]).toEqual([attempts, expiries]);
      this.#leases.push(lease);
    }
    if (leases.length < limit) expect(this.#model.claimable()).toEqual([]);
    if (this.#model.claimable().length > 0) expect(nextInMs).toBe(1);
  }

  async #useLease(each: Extract<Step, { pick: number }>): Promise<void> {
    const lease = this.#leases[each.pick % Math.max(1, this.#leases.length)];
    if (lease === undefined) return;
    const isHeld = this.#model.holds(lease);
    if (each.do === 'extend') {
      const lost = await this.#store.queue.extend([lease], LEASE_MS);
      expect(lost.length).toBe(isHeld ? 0 : 1);
      if (isHeld) this.#model.find(lease).at = this.#model.now + LEASE_MS;
    } else if (each.do === 'release') {
      const { delayMs, countAttempt } = each;
      const failure = { code: 'source_timeout', message: 'late' } as const;
      await this.#store.queue.release([{ lease, delayMs, countAttempt, failure, posts: 0 }]);
      if (isHeld) this.#model.release(lease, delayMs, countAttempt);
    } else await this.#settle(lease, each.do, isHeld);
  }

  async #settle(lease: Lease, what: 'complete' | 'fail', isHeld: boolean): Promise<void> {
    const failure = { code: 'source_tls', message: 'no' } as const;
    const outcome =
      what === 'complete'
        ? ({ status: 'complete', link: 'https://links.example', bytes: 1, type: 'image/png' } as const)
        : ({ status: 'failed', failure } as const);
    const [settlement] = await this.#store.settle([{ lease, outcome, posts: 0 }]);
    if (!isHeld) return;
    this.#model.end(lease, outcome.status, what === 'complete' ? null : failure.code);
    const isDone = this.#model.of(lease.jobId).every(({ status }) => ['complete', 'failed'].includes(status));
    expect(settlement).toEqual({ status: 'settled', jobFinished: isDone });
  }

  async #changeJob(each: Extract<Step, { job: string }>): Promise<void> {
    if (each.do === 'cancel') {
      await this.#store.cancel(each.job);
      this.#model.cancel(each.job);
    } else if (each.do === 'retry') {
      await this.#store.retry(each.job);
      this.#model.retry(each.job, () => true);
    } else if (each.do === 'retry some') {
      await this.#store.retry(each.job, { urls: each.urls });
      this.#model.retry(each.job, ({ index }) => each.urls.includes(URLS[index] ?? ''));
    } else if (each.do === 'pause') {
      await this.#store.pause({ jobId: each.job });
      this.#model.paused.add(each.job);
    } else {
      await this.#store.resume({ jobId: each.job });
      this.#model.paused.delete(each.job);
    }
  }
}

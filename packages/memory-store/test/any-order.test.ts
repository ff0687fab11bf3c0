import fc from 'fast-check';
import { expect, it } from 'vitest';

import type { FailureCode, JobSummary, Lease, PauseTarget, StoreEvent } from '@imgferry/core';
import { MemoryStore } from '../src/index.ts';
import { type PlainChange, PlainModel } from './plain-model.ts';

const HOST = 'host';
const JOBS = ['job a', 'job b'];
const URLS = Array.from({ length: 6 }, (_, index) => `https://a.example/${index}`);
const CODES: readonly FailureCode[] = ['source_timeout', 'source_tls', 'cancelled', 'poison'];
const LEASE_MS = 100;
const LAST = 'the last job';

const job = fc.constantFrom(...JOBS);
const pick = fc.nat(1_000);
const maxWaiting = fc.constantFrom(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 3, 8);
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
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel' as const), job }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('retry' as const), job, maxWaiting }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('retry some' as const),
      ...{ job, maxWaiting },
      urls: fc.option(fc.subarray(URLS), { nil: undefined }),
      codes: fc.option(fc.subarray([...CODES]), { nil: undefined }),
    }),
  },
  // Reading brings records up to date, so it must not come after every step: marks have to pile up as well.
  { weight: 1, arbitrary: fc.record({ do: fc.constant('compare' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('pause' as const, 'resume' as const, 'resume' as const),
      what: fc.constantFrom<PauseTarget>(
        ...JOBS.map((jobId) => ({ jobId })),
        ...[{ host: HOST }, { host: 'another host' }],
        'queue',
      ),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('elapse' as const), ms: fc.constantFrom(40, 110) }) },
);

it('whatever is done in whatever order, the store and a plain model of it agree', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
      const pair = new Pair();
      await pair.begin();
      for (const each of steps) await pair.take(each);
      await pair.compare();
      await pair.compareTold();
    }),
    { numRuns: 500 },
  );
}, 60_000);

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** The store and the model, taken through the same steps. */
class Pair {
  readonly #model = new PlainModel(HOST);
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
    else if ('what' in each) await this.#setPaused(each);
    else await this.#changeJob(each);
  }

  async compare(): Promise<void> {
    for (const id of JOBS) {
      const page = await this.#store.uploads(id);
      const model = this.#model.of(id);
      expect(
        page?.items.map(({ status, attempts, failure }) => [status, attempts, failure?.code ?? null]),
      ).toEqual(model.map(({ status, attempts, failure }) => [status, attempts, failure]));
      expect(page?.job).toMatchObject(this.#model.facts(id));
    }
    const { items } = await this.#store.list();
    for (const each of items) expect(each).toMatchObject(this.#model.facts(each.id));
  }

  /** Everything that was told from the beginning on. */
  async compareTold(): Promise<void> {
    const told: StoreEvent[] = [];
    await this.#store.create({ id: LAST, urls: URLS, host: HOST, options: {} });
    const signal = AbortSignal.timeout(10_000);
    for await (const event of this.#store.events({ after: 'no id', signal })) {
      if (event.type === 'job:created' && event.jobId === LAST) break;
      if (event.type !== 'gap') told.push(event);
    }
    expect(told.map(plainly)).toEqual(this.#model.told);
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
      const { attempts, runAttempts, expiries } = this.#model.claim(lease, LEASE_MS);
      expect([lease.attempt, lease.runAttempt, lease.expiries]).toEqual([attempts, runAttempts, expiries]);
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
    const job = await this.#store.get(lease.jobId);
    expect(settlement).toEqual({ status: 'settled', jobFinished: isDone, ...(isDone ? { job } : {}) });
  }

  async #changeJob(each: Extract<Step, { job: string }>): Promise<void> {
    if (each.do === 'retry some') await this.#retrySome(each);
    else if (each.do === 'cancel') {
      const answer = await this.#store.cancel(each.job);
      expect(answer?.jobFinished).toBe(this.#model.cancel(each.job));
    } else {
      const { job: jobId, maxWaiting } = each;
      const answer = await this.#store.retry(jobId, {}, { maxWaiting });
      expect(answer?.status).toBe(this.#model.retry(jobId, maxWaiting, () => true));
    }
  }

  async #retrySome(each: Extract<Step, { do: 'retry some' }>): Promise<void> {
    const { job: jobId, urls, codes, maxWaiting } = each;
    const which = {
      ...(urls === undefined ? {} : { urls }),
      ...(codes === undefined ? {} : { codes }),
    };
    const answer = await this.#store.retry(jobId, which, { maxWaiting });
    const isSelected = ({ index, failure }: { index: number; failure: string | null }): boolean =>
      (urls?.includes(URLS[index] ?? '') ?? true) && (codes?.some((code) => code === failure) ?? true);
    expect(answer?.status).toBe(this.#model.retry(jobId, maxWaiting, isSelected));
  }

  async #setPaused({ do: step, what }: Extract<Step, { what: PauseTarget }>): Promise<void> {
    const change = await this.#store[step](what);
    expect(change?.changed).toBe(this.#model.setPaused(what, step === 'pause'));
  }
}

/** An event as the model tells it. */
function plainly(event: StoreEvent): PlainChange {
  if ('job' in event) return [event.type, event.jobId, factsOf(event.job)];
  if ('index' in event) return [event.type, event.jobId, event.index];
  if ('jobId' in event) return [event.type, event.jobId];
  return 'host' in event ? [event.type, event.host] : [event.type];
}

function factsOf(summary: JobSummary): unknown {
  const { status, waiting, claimed, complete, failed, paused, pausedBy, cancelled } = summary;
  return { status, waiting, claimed, complete, failed, paused, pausedBy, cancelled };
}

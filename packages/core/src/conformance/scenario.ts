import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

import type { FailureCode } from '../failure.ts';
import type { CompleteOutcome, FailedOutcome, JobSummary, NewJob, Upload } from '../job.ts';
import type { Lease } from '../lease.ts';
import type { Claimed, ClaimOptions, Release } from '../queue.ts';
import type { Settlement, Store } from '../store.ts';
import type { StoreEvent } from '../store-event.ts';
import { PATIENCE_MS } from './within.ts';

/** The host that jobs of the rules go to, unless they say otherwise. */
export const HOST = 'test-host';

const LONG_MS = 60_000;

/** A store and the short ways in which rules use it. */
export class Scenario {
  readonly store: Store;
  /** Lets time pass for the store, some milliseconds more than asked for. */
  readonly elapse: (ms: number) => Promise<void>;
  /** As many as asked for, where a rule moves the clock by hand. */
  readonly elapseExactly: (ms: number) => Promise<void>;
  /** Set by rules that close the store themselves. */
  isClosed = false;
  readonly #over = new AbortController();
  readonly #patience: NodeJS.Timeout;

  constructor(store: Store, elapse: (ms: number) => Promise<void>) {
    this.store = store;
    this.elapse = (ms) => elapse(ms + 5);
    this.elapseExactly = elapse;
    // Whatever a rule still waits for then will not come; ending it lets the rule fail where it stands.
    this.#patience = setTimeout(() => this.#over.abort(), PATIENCE_MS);
  }

  /** Aborts when the rule is over, or takes too long. */
  get signal(): AbortSignal {
    return this.#over.signal;
  }

  end(): void {
    clearTimeout(this.#patience);
    this.#over.abort();
  }

  /** Creates a job and answers its id. */
  async create(urls: number | readonly string[] = 1, more: Partial<NewJob> = {}): Promise<string> {
    const job = newJob(urls, more);
    const { status } = await this.store.create(job);
    assert.equal(status, 'created');
    return job.id;
  }

  claim(options: Partial<ClaimOptions> = {}): Promise<Claimed> {
    return this.store.queue.claim({ host: HOST, limit: 1, leaseMs: LONG_MS, workerId: 'worker', ...options });
  }

  async leases(limit: number, options: Partial<ClaimOptions> = {}): Promise<readonly Lease[]> {
    return (await this.claim({ limit, ...options })).leases;
  }

  /** Claims one upload, which has to be there. */
  async lease(options: Partial<ClaimOptions> = {}): Promise<Lease> {
    const [lease] = await this.leases(1, options);
    assert.ok(lease, 'an upload can be claimed');
    return lease;
  }

  /** Claims one upload and lets the lease run out. */
  async expiredLease(): Promise<Lease> {
    const lease = await this.lease({ leaseMs: 30 });
    await this.elapse(30);
    return lease;
  }

  complete(lease: Lease, facts: Partial<CompleteOutcome> = {}): Promise<Settlement> {
    const outcome: CompleteOutcome = {
      status: 'complete',
      link: linkOf(lease),
      bytes: 100,
      type: 'image/png',
      ...facts,
    };
    return this.#settle(lease, outcome);
  }

  fail(
    lease: Lease,
    code: FailureCode = 'source_status',
    facts: Partial<FailedOutcome> = {},
  ): Promise<Settlement> {
    return this.#settle(lease, { status: 'failed', failure: { code, message: `it was ${code}` }, ...facts });
  }

  release(lease: Lease, facts: Partial<Release> = {}): Promise<void> {
    return this.store.queue.release([{ lease, delayMs: 0, countAttempt: true, posts: 0, ...facts }]);
  }

  /** Completes everything that can be claimed now, and answers how many uploads that were. */
  async completeAll(): Promise<number> {
    let count = 0;
    for (;;) {
      const leases = await this.leases(100);
      if (leases.length === 0) return count;
      count += leases.length;
      await this.store.settle(
        leases.map((lease) => ({
          lease,
          outcome: { status: 'complete', link: linkOf(lease), bytes: 100, type: 'image/png' },
          posts: 1,
        })),
      );
    }
  }

  /** A job, which has to be known. */
  async job(jobId: string): Promise<JobSummary> {
    const job = await this.store.get(jobId);
    assert.ok(job, 'the job is known');
    return job;
  }

  /** All uploads of a job, over all pages. */
  async uploads(jobId: string): Promise<readonly Upload[]> {
    const uploads: Upload[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.store.uploads(jobId, {
        limit: 1_000,
        ...(cursor === undefined ? {} : { cursor }),
      });
      assert.ok(page, 'the job is known');
      uploads.push(...page.items);
      cursor = page.next;
    } while (cursor !== undefined);
    return uploads;
  }

  async upload(jobId: string, index = 0): Promise<Upload> {
    const upload = (await this.uploads(jobId))[index];
    assert.ok(upload, `there is an upload ${index}`);
    return upload;
  }

  /** The next events of a stream, fewer when it ends before. */
  async read(stream: AsyncIterable<StoreEvent>, count: number): Promise<readonly StoreEvent[]> {
    const events: StoreEvent[] = [];
    for await (const event of stream) {
      events.push(event);
      if (events.length === count) break;
    }
    return events;
  }

  async #settle(
    lease: Lease,
    outcome: Parameters<Store['settle']>[0][number]['outcome'],
  ): Promise<Settlement> {
    const [settlement] = await this.store.settle([{ lease, outcome, posts: 1 }]);
    assert.ok(settlement, 'every request is answered');
    return settlement;
  }
}

/** A job to create. */
export function newJob(urls: number | readonly string[] = 1, more: Partial<NewJob> = {}): NewJob {
  const list = typeof urls === 'number' ? urlsOf(urls) : urls;
  return { id: randomUUID(), urls: list, host: HOST, options: {}, ...more };
}

/** So many URLs, each different. */
export function urlsOf(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `https://pictures.example/${index}.png`);
}

/** The link that an upload gets when a rule completes it. */
export function linkOf({ jobId, index }: Lease): string {
  return `https://links.example/${jobId}/${index}.png`;
}

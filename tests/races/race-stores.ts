import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { expect, inject, type TestContext } from 'vitest';

import {
  type JobSummary,
  type Lease,
  type NewJob,
  type Settlement,
  type Store,
  type StoreEvent,
  silentLogger,
  type Upload,
} from '@imgferry/core';
import { MemoryStore } from '@imgferry/memory-store';
import { checkInvariants, RedisStore } from '@imgferry/redis-store';

/** Every race has the same answer on each of them. */
export const KINDS = ['memory', 'Redis'] as const;
export type Kind = (typeof KINDS)[number];

const HOST = 'host';

/** What those who race share: one store in memory, or stores of their own on one Redis. */
export class RaceStores {
  readonly #kind: Kind;
  readonly #redis = {
    ...{ url: inject('redisUrl'), namespace: `test-${randomUUID()}` },
    ...{ timeoutMs: 20_000, logger: silentLogger },
  };
  readonly #opened: Store[] = [];
  readonly #marks = new Set<string>();
  /** The one that the test itself reads by. */
  readonly api: Store;

  constructor(kind: Kind, onTestFinished: TestContext['onTestFinished']) {
    this.#kind = kind;
    this.api = this.open();
    onTestFinished(async () => void (await Promise.all(this.#opened.map((store) => store.close()))));
  }

  /** What one more process would work with. */
  open(): Store {
    const [first] = this.#opened;
    if (this.#kind === 'memory' && first !== undefined) return first;
    const store = this.#kind === 'memory' ? new MemoryStore() : new RedisStore(this.#redis);
    this.#opened.push(store);
    return store;
  }

  /** A job of so many uploads. */
  async create(size: number, more: Partial<NewJob> = {}): Promise<string> {
    const job = newJob(size, more);
    expect(await this.api.create(job)).toMatchObject({ status: 'created' });
    return job.id;
  }

  /** All jobs, each with its uploads, whose counters are those of its records; on Redis every key agrees besides. */
  async agrees(): Promise<readonly JobSummary[]> {
    const jobs: JobSummary[] = [];
    for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
      const page = await this.api.list({ limit: 500, ...(cursor === undefined ? {} : { cursor }) });
      jobs.push(...page.items);
      cursor = page.next;
    }
    for (const job of jobs) expect(countsOf(job)).toEqual(await this.#recordsOf(job.id));
    if (this.#kind === 'Redis')
      expect(await checkInvariants(this.#redis)).toEqual({ jobs: jobs.length, violations: [] });
    return jobs;
  }

  async uploads(jobId: string): Promise<readonly Upload[]> {
    return (await this.api.uploads(jobId, { limit: 1_000 }))?.items ?? [];
  }

  /** All that the store has told, up to now. */
  async history(): Promise<readonly StoreEvent[]> {
    const last = await this.create(1);
    this.#marks.add(last);
    const told: StoreEvent[] = [];
    const over = new AbortController();
    for await (const event of this.api.events({ after: 'no id', signal: over.signal })) {
      if ('jobId' in event && event.jobId === last) over.abort();
      else if (event.type !== 'gap' && !('jobId' in event && this.#marks.has(event.jobId))) told.push(event);
    }
    await this.api.cancel(last);
    return told;
  }

  async #recordsOf(jobId: string): Promise<ReturnType<typeof countsOf>> {
    const counts = { waiting: 0, claimed: 0, complete: 0, failed: 0 };
    for (const { status } of await this.uploads(jobId)) counts[status] += 1;
    return counts;
  }
}

function countsOf({ waiting, claimed, complete, failed }: JobSummary) {
  return { waiting, claimed, complete, failed };
}

export function newJob(size: number, more: Partial<NewJob> = {}): NewJob {
  const urls = Array.from({ length: size }, (_, index) => `https://a.example/${index}`);
  return { id: randomUUID(), urls, host: HOST, options: {}, ...more };
}

export async function claim(store: Store, limit: number, workerId = 'worker'): Promise<readonly Lease[]> {
  return (await store.queue.claim({ host: HOST, limit, leaseMs: 60_000, workerId })).leases;
}

/** The link that an upload is given by one lease, and by no other. */
export function linkOf({ jobId, index, token }: Lease): string {
  return `https://links.example/${jobId}/${index}/${token}`;
}

export interface Answer {
  readonly lease: Lease;
  readonly settlement: Settlement;
}

export async function settle(
  store: Store,
  leases: readonly Lease[],
  fails: (lease: Lease) => boolean = () => false,
): Promise<readonly Answer[]> {
  const failure = { code: 'source_status', message: 'the source answered 404' } as const;
  const settlements = await store.settle(
    leases.map((lease) => ({
      lease,
      posts: 1,
      outcome: fails(lease)
        ? { status: 'failed', failure }
        : { status: 'complete', link: linkOf(lease), bytes: 1, type: 'image/png' },
    })),
  );
  return leases.flatMap((lease, place) => {
    const settlement = settlements[place];
    return settlement === undefined ? [] : [{ lease, settlement }];
  });
}

/** How many of the answers say that theirs was the last of a run of the job. */
export function finishes(answers: readonly Answer[]): number {
  return finishedBy(answers).length;
}

/** The jobs of which theirs was the last of a run, as they were then. */
export function finishedBy(answers: readonly Answer[]): readonly JobSummary[] {
  return answers.flatMap(({ settlement }) =>
    settlement.status === 'settled' && settlement.jobFinished ? [settlement.job] : [],
  );
}

/** The same chances each time. */
export function chanceFrom(seed: number): Chance {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

export type Chance = () => number;

/** Begins with something after a chance of turns of the event loop. */
export async function soon<Result>(chance: Chance, act: () => Promise<Result>): Promise<Result> {
  for (let turns = Math.floor(chance() * 10); turns > 0; turns -= 1) await nextTurn();
  return act();
}

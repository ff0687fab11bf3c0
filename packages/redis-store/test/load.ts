import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { type Lease, type SettleRequest, StoreUnavailableError } from '@imgferry/core';
import type { RedisStore } from '../src/index.ts';

const HOST = 'host';
const URLS_A_JOB = 4;
const MOST_JOBS = 150;
const PATIENCE_MS = 20_000;

/**
 * Work as of a fleet: jobs are handed in, claimed and settled, each settle twice, and what Redis can not do now is asked
 * for again. Whatever is thrown beside that is kept.
 */
export class Load {
  /** Jobs whose submit was answered. */
  readonly jobs = new Set<string>();
  /** What no caller should ever see. */
  readonly errors: unknown[] = [];
  /** Settlements whose second answer was another one than the first. */
  readonly changedAnswers: unknown[] = [];
  /** How often something was answered, and how often it was told that Redis can not do it now. */
  answers = 0;
  refusals = 0;
  readonly #submitting: Promise<unknown>;
  readonly #working: Promise<unknown>;
  readonly #submits = new AbortController();
  readonly #works = new AbortController();

  constructor(stores: readonly RedisStore[]) {
    this.#submitting = Promise.all(stores.map((store) => this.#submit(store)));
    this.#working = Promise.all(stores.flatMap((store) => [this.#work(store), this.#work(store)]));
  }

  /** Waits until so many more steps were answered. */
  async answered(more: number): Promise<void> {
    const wanted = this.answers + more;
    await this.#until(`${more} answers`, () => this.answers >= wanted);
  }

  /** Waits until a step was refused. */
  async refused(): Promise<void> {
    const before = this.refusals;
    await this.#until('a refusal', () => this.refusals > before);
  }

  /** Takes no more jobs in, waits until all are complete, and stops. */
  async finish(store: RedisStore): Promise<void> {
    this.#submits.abort();
    await this.#submitting;
    const before = performance.now();
    while (!(await this.#areComplete(store))) {
      if (performance.now() - before > PATIENCE_MS) break;
      await sleep(20);
    }
    await this.stop();
  }

  async stop(): Promise<void> {
    this.#submits.abort();
    this.#works.abort();
    await Promise.all([this.#submitting, this.#working]);
  }

  async #areComplete(store: RedisStore): Promise<boolean> {
    const stats = await this.#insist(() => store.stats());
    return stats?.queue.liveJobs === 0;
  }

  async #submit(store: RedisStore): Promise<void> {
    while (!this.#submits.signal.aborted && this.jobs.size < MOST_JOBS) {
      const id = randomUUID();
      const urls = Array.from({ length: URLS_A_JOB }, (_, index) => `https://a.example/${id}/${index}.png`);
      const created = await this.#insist(() => store.create({ id, urls, host: HOST, options: {} }));
      if (created !== undefined) this.jobs.add(id);
      await sleep(5);
    }
  }

  async #work(store: RedisStore): Promise<void> {
    const { signal } = this.#works;
    const workerId = randomUUID();
    while (!signal.aborted) {
      const claimed = await this.#insist(() =>
        store.queue.claim({ host: HOST, limit: 3, leaseMs: 1_500, workerId }),
      );
      if (claimed === undefined) continue;
      if (claimed.leases.length > 0) await this.#settleTwice(store, claimed.leases);
      else await this.#insist(() => store.queue.wait({ host: HOST, timeoutMs: 100, signal }));
    }
  }

  async #settleTwice(store: RedisStore, leases: readonly Lease[]): Promise<void> {
    const requests = leases.map(completed);
    const first = await this.#insist(() => store.settle(requests));
    const second = await this.#insist(() => store.settle(requests));
    if (first !== undefined && second !== undefined && JSON.stringify(first) !== JSON.stringify(second))
      this.changedAnswers.push({ leases, first, second });
  }

  /** `undefined` when nobody waits any more, or after an error that does not pass. */
  async #insist<Answer>(ask: () => Promise<Answer>): Promise<Answer | undefined> {
    while (!this.#works.signal.aborted) {
      try {
        const answer = await ask();
        this.answers += 1;
        return answer;
      } catch (error) {
        if (!(error instanceof StoreUnavailableError)) {
          this.errors.push(error);
          return undefined;
        }
        this.refusals += 1;
        await sleep(20);
      }
    }
    return undefined;
  }

  async #until(what: string, isSo: () => boolean): Promise<void> {
    const before = performance.now();
    while (!isSo()) {
      if (performance.now() - before > PATIENCE_MS) throw new Error(`${what} did not come`);
      await sleep(5);
    }
  }
}

/** The link tells of which claim it is, so that a second one of the same upload shows. */
function completed(lease: Lease): SettleRequest {
  const link = `https://links.example/${lease.jobId}/${lease.index}/${lease.token}`;
  return { lease, outcome: { status: 'complete', link, bytes: 1, type: 'image/png' }, posts: 1 };
}

/** All links of a store, as the upload that each belongs to. */
export async function linkedUploads(store: RedisStore): Promise<readonly string[]> {
  const uploads: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.links({ limit: 1_000, ...(cursor === undefined ? {} : { cursor }) });
    uploads.push(...page.items.map((link) => link.slice(0, link.lastIndexOf('/'))));
    cursor = page.next;
  } while (cursor !== undefined);
  return uploads;
}

/** How many uploads the jobs of a load have. */
export function uploadsOf({ jobs }: Load): number {
  return jobs.size * URLS_A_JOB;
}

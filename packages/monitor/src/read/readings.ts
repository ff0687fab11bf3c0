import type {
  BucketState,
  JobFilter,
  JobSummary,
  Page,
  PageOptions,
  RecentFailure,
  Stats,
  Upload,
  UploadStatus,
  WorkerInfo,
} from '@imgferry/core';
import type { MonitoredUploader } from '../monitored-uploader.ts';
import { inTime } from './in-time.ts';
import { Kept } from './kept.ts';
import { knownWorkers } from './known-workers.ts';
import { Turns, type Waiter } from './turns.ts';

/** An answer was begun at most so long ago, in milliseconds, however seldom a monitor looks; or it is still under way. */
const mostMs = 500;
/** How many of the newest failures are looked at. */
const newestFailures = 200;

/** Which uploads of a job are asked for. */
export type UploadsPage = PageOptions & { readonly status?: UploadStatus };

/**
 * What the store is asked for those who look, of which nothing is waited for without end. What is the same for all of
 * them is read once for all: several looks of one moment, of pages and of programs, are one. What was changed by this
 * monitor is seen at once, see {@link forget}.
 */
export class Readings {
  readonly #uploader: MonitoredUploader;
  readonly #lists = new Turns();
  readonly #stats: Kept<Stats>;
  readonly #workers: Kept<readonly WorkerInfo[]>;
  readonly #workersAndHolds: Kept<readonly WorkerInfo[]>;
  readonly #workersAndSettings: Kept<readonly WorkerInfo[]>;
  readonly #budget: Kept<readonly BucketState[]>;
  readonly #failures: Kept<readonly RecentFailure[]>;
  /** By how much the store's clock is ahead of this one. */
  #aheadMs: number | undefined;

  constructor(uploader: MonitoredUploader, refreshMs: number) {
    const forMs = Math.min(refreshMs / 2, mostMs);
    const workersWith = (told: { readonly holds: boolean; readonly settings: boolean }) =>
      new Kept(async () => knownWorkers(await uploader.workers(told)), forMs);
    this.#uploader = uploader;
    this.#stats = new Kept(() => this.#readStats(), forMs);
    this.#workers = workersWith({ holds: false, settings: false });
    this.#workersAndHolds = workersWith({ holds: true, settings: false });
    this.#workersAndSettings = workersWith({ holds: false, settings: true });
    this.#budget = new Kept(() => uploader.budget(), forMs);
    this.#failures = new Kept(() => uploader.recentFailures({ limit: newestFailures }), forMs);
  }

  /** The time by the store's clock, by which all its moments are, as far as it is known. */
  now(): number {
    return Date.now() + (this.#aheadMs ?? 0);
  }

  /** Resolves when the store's clock is known, or can not be. */
  async knowTime(): Promise<void> {
    if (this.#aheadMs === undefined) await this.stats().catch(() => {});
  }

  stats(): Promise<Stats> {
    return this.#stats.read();
  }

  /** Without what they hold and how they are set, which is long. */
  workers(): Promise<readonly WorkerInfo[]> {
    return this.#workers.read();
  }

  workersAndHolds(): Promise<readonly WorkerInfo[]> {
    return this.#workersAndHolds.read();
  }

  workersAndSettings(): Promise<readonly WorkerInfo[]> {
    return this.#workersAndSettings.read();
  }

  budget(): Promise<readonly BucketState[]> {
    return this.#budget.read();
  }

  recentFailures(): Promise<readonly RecentFailure[]> {
    return this.#failures.read();
  }

  job(id: string): Promise<JobSummary | undefined> {
    return inTime(() => this.#uploader.job(id));
  }

  /** One page of jobs. Lists are what is dear, so the store is asked for one at a time, whoever wants how many. @throws Problem */
  jobs(filter: JobFilter, page: PageOptions, waiter: Waiter): Promise<Page<JobSummary>> {
    const asked = { ...filter, ...page };
    return this.#lists.take(JSON.stringify(asked), () => this.#uploader.jobs(asked), waiter);
  }

  /** One page of a job's uploads, in the same line. @throws Problem */
  uploads(id: string, page: UploadsPage, waiter: Waiter): Promise<Page<Upload> | undefined> {
    const name = JSON.stringify([id, page]);
    return this.#lists.take(name, () => this.#uploader.uploads(id, page), waiter);
  }

  /** Something was changed: what is read from now on is read anew. */
  forget(): void {
    this.#stats.forget();
    this.#workers.forget();
    this.#workersAndHolds.forget();
    this.#workersAndSettings.forget();
    this.#budget.forget();
    this.#failures.forget();
  }

  async #readStats(): Promise<Stats> {
    const stats = await this.#uploader.stats();
    this.#aheadMs = stats.at - Date.now();
    return stats;
  }
}

import type {
  BucketState,
  JobFilter,
  JobSummary,
  Page,
  PageOptions,
  RecentFailure,
  Stats,
  WorkerInfo,
} from '@imgferry/core';
import type { MonitoredUploader } from '../monitored-uploader.ts';
import { Kept } from './kept.ts';
import { knownWorkers } from './known-workers.ts';
import { Turns } from './turns.ts';

/** No answer is older than this, in milliseconds, however seldom a monitor looks. */
const mostMs = 500;
/** How many of the newest failures are looked at. */
const newestFailures = 200;

/**
 * What the store is asked for those who look. What is the same for all of them is read once for all: several looks of
 * one moment, of pages and of programs, are one. What was changed by this monitor is seen at once, see {@link forget}.
 */
export class Readings {
  readonly #uploader: MonitoredUploader;
  readonly #searches = new Turns();
  readonly #stats: Kept<Stats>;
  readonly #workers: Kept<readonly WorkerInfo[]>;
  readonly #workersAndHolds: Kept<readonly WorkerInfo[]>;
  readonly #budget: Kept<readonly BucketState[]>;
  readonly #failures: Kept<readonly RecentFailure[]>;

  constructor(uploader: MonitoredUploader, refreshMs: number) {
    const forMs = Math.min(refreshMs / 2, mostMs);
    this.#uploader = uploader;
    this.#stats = new Kept(() => uploader.stats(), forMs);
    this.#workers = new Kept(async () => knownWorkers(await uploader.workers({ holds: false })), forMs);
    this.#workersAndHolds = new Kept(async () => knownWorkers(await uploader.workers()), forMs);
    this.#budget = new Kept(() => uploader.budget(), forMs);
    this.#failures = new Kept(() => uploader.recentFailures({ limit: newestFailures }), forMs);
  }

  stats(): Promise<Stats> {
    return this.#stats.read();
  }

  /** Without what they hold, which is long. */
  workers(): Promise<readonly WorkerInfo[]> {
    return this.#workers.read();
  }

  workersAndHolds(): Promise<readonly WorkerInfo[]> {
    return this.#workersAndHolds.read();
  }

  budget(): Promise<readonly BucketState[]> {
    return this.#budget.read();
  }

  recentFailures(): Promise<readonly RecentFailure[]> {
    return this.#failures.read();
  }

  /**
   * One page of jobs. With a filter the store may have to pass over thousands, so it is asked one such question at a
   * time, whoever has how many. @throws Problem when too many wait
   */
  jobs(filter: JobFilter, page: PageOptions): Promise<Page<JobSummary>> {
    const read = (): Promise<Page<JobSummary>> => this.#uploader.jobs({ ...filter, ...page });
    return Object.keys(filter).length === 0 ? read() : this.#searches.take(read);
  }

  /** Something was changed: what is read from now on is read anew. */
  forget(): void {
    for (const kept of [this.#stats, this.#workers, this.#workersAndHolds, this.#budget, this.#failures])
      kept.forget();
  }
}

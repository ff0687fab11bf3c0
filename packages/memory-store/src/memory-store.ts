import {
  type Budget,
  type BudgetReading,
  type Created,
  checkJobId,
  type DeleteHash,
  type EventsOptions,
  type Fleet,
  type HearProgressOptions,
  type JobFilter,
  type JobSummary,
  type Lease,
  type LeaseProgress,
  type NewJob,
  type Page,
  type PageOptions,
  type PauseChange,
  type PauseTarget,
  type Queue,
  type RecentFailure,
  type Retried,
  type RetryOptions,
  type RetrySelection,
  requireProgress,
  requireSettle,
  type Settings,
  type Settlement,
  type SettleRequest,
  StateError,
  type Stats,
  type Store,
  type StoreEvent,
  type UploadPage,
  type UploadStatus,
} from '@imgferry/core';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { EventLog } from './event-log.ts';
import type { JobRecord } from './job-record.ts';
import { LeaseTable } from './lease-table.ts';
import { Ledger } from './ledger.ts';
import { listJobs } from './list-jobs.ts';
import { MemoryBudget, type Reservation } from './memory-budget.ts';
import { MemoryFleet } from './memory-fleet.ts';
import { MemoryQueue } from './memory-queue.ts';
import { type MemoryStoreOptions, type ResolvedOptions, resolveOptions } from './options.ts';
import { pageLimit } from './page-of.ts';
import { ProgressListeners } from './progress-listeners.ts';
import { readStats } from './read-stats.ts';
import { isWhole, readUploads } from './read-uploads.ts';
import { selectFailed } from './select-failed.ts';
import { WakeUps } from './wake-ups.ts';
import { WholePages } from './whole-pages.ts';

const FULL_RETRY_AFTER_MS = 5_000;

/**
 * Keeps jobs and their queue in the memory of this process: for an application that runs alone, for trying things out,
 * and for tests. Nothing of it survives the process.
 *
 * No method awaits anything between its first read and its last write, which makes each one atomic. What is over is
 * forgotten in small steps inside other calls, so a store that nobody uses has no timer and keeps no process alive.
 */
export class MemoryStore implements Store {
  readonly queue: Queue;
  readonly budget: Budget;
  readonly fleet: Fleet;
  readonly settings: Settings;
  readonly #queue: MemoryQueue;
  readonly #budget: MemoryBudget;
  readonly #ledger: Ledger;
  readonly #log: EventLog;
  readonly #wakeUps = new WakeUps();
  readonly #progress = new ProgressListeners();
  readonly #wholePages = new WholePages();
  readonly #clock: () => number;
  #closed = false;

  constructor(options: MemoryStoreOptions = {}) {
    const { maxEvents, clock, ...bounds } = resolveOptions(options);
    this.settings = settingsOf({ maxEvents, ...bounds });
    const leases = new LeaseTable();
    const now = (): number => this.#now();
    const reservationOf = (lease: Lease): Reservation | undefined => {
      const standing = this.#queue.standing(lease);
      return standing.status === 'held' ? standing.held.reservation : undefined;
    };
    this.#clock = clock;
    this.#log = new EventLog(maxEvents, clock);
    this.#ledger = new Ledger({ ...bounds, tell: (change) => this.#log.append(change) });
    this.#budget = new MemoryBudget(now, this.#log, reservationOf, (isNews) =>
      this.#wakeUps.observed(isNews),
    );
    this.#queue = new MemoryQueue({
      now,
      ledger: this.#ledger,
      leases,
      budget: this.#budget,
      wakeUps: this.#wakeUps,
      progress: this.#progress,
    });
    this.queue = this.#queue;
    this.budget = this.#budget;
    this.fleet = new MemoryFleet(now);
  }

  async create(newJob: NewJob): Promise<Created> {
    checkJobId(newJob.id);
    const now = this.#now();
    const before = this.#sameSubmit(newJob, now);
    if (before !== undefined) return before;
    const waiting = this.#ledger.tally.counts.waiting + newJob.urls.length;
    if (waiting > (newJob.maxWaiting ?? Number.POSITIVE_INFINITY)) {
      return { status: 'full', retryAfterMs: FULL_RETRY_AFTER_MS };
    }
    const job = this.#ledger.create(newJob, now);
    this.#queue.place(job);
    return { status: 'created', job: this.#ledger.summary(job) };
  }

  async get(jobId: string): Promise<JobSummary | undefined> {
    const job = this.#job(jobId);
    return job === undefined ? undefined : this.#ledger.summary(job);
  }

  async uploads(
    jobId: string,
    page: PageOptions & { readonly status?: UploadStatus } = {},
  ): Promise<UploadPage | undefined> {
    const job = this.#job(jobId);
    if (job === undefined) return undefined;
    const paused = job.paused || this.#ledger.pauses.stop(job.host);
    const read = (): UploadPage => ({ ...readUploads(job, page, paused), job: this.#ledger.summary(job) });
    return paused || !isWhole(job, page) ? read() : this.#wholePages.read(job, read);
  }

  async list(page: PageOptions & JobFilter = {}): Promise<Page<JobSummary>> {
    return listJobs(this.#ledger, page, this.#now());
  }

  async recentFailures(options: { readonly limit?: number } = {}): Promise<readonly RecentFailure[]> {
    const now = this.#now();
    return this.#ledger.recentFailures.list(pageLimit(options), (jobId) => this.#ledger.job(jobId, now));
  }

  async links(page: PageOptions = {}): Promise<Page<string>> {
    this.#now();
    const { links } = this.#ledger;
    const limit = pageLimit(page);
    const start = page.cursor === undefined ? 0 : decodeCursor('links', page.cursor, links.end);
    const items = links.slice(start, limit);
    const next = Math.max(start, links.first) + items.length;
    return { items, next: next < links.end ? encodeCursor('links', next) : undefined };
  }

  async recall(digest: string): Promise<string | undefined> {
    return this.#ledger.images.link(digest, this.#now());
  }

  async deleteHashes(jobId: string): Promise<readonly DeleteHash[]> {
    return this.#job(jobId)?.deleteHashes() ?? [];
  }

  async settle(
    requests: readonly SettleRequest[],
    observed: readonly BudgetReading[] = [],
  ): Promise<readonly Settlement[]> {
    for (const request of requests) requireSettle(request);
    const now = this.#now();
    const settlements = requests.map((request) => this.#settle(request, now));
    this.#wakeUps.observed(this.#budget.apply(observed));
    return settlements;
  }

  async cancel(
    jobId: string,
  ): Promise<{ readonly job: JobSummary; readonly jobFinished: boolean } | undefined> {
    const job = this.#job(jobId);
    if (job === undefined) return undefined;
    const jobFinished = job.finishedAt === null;
    if (jobFinished) this.#queue.cancel(job, this.#now());
    return { job: this.#ledger.summary(job), jobFinished };
  }

  async retry(
    jobId: string,
    which: RetrySelection = {},
    { maxWaiting = Number.POSITIVE_INFINITY }: RetryOptions = {},
  ): Promise<Retried | undefined> {
    const job = this.#job(jobId);
    if (job === undefined) return undefined;
    const chosen = isAll(which) ? undefined : selectFailed(job, which);
    const again = chosen?.selected.length ?? job.counts.failed;
    if (again === 0) return { status: 'unchanged', job: this.#ledger.summary(job) };
    if (this.#ledger.tally.counts.waiting + again > maxWaiting) {
      const retryAfterMs = again > maxWaiting ? undefined : FULL_RETRY_AFTER_MS;
      return { status: 'full', job: this.#ledger.summary(job), retryAfterMs };
    }
    if (chosen === undefined) this.#ledger.retryAll(job, this.#now());
    else this.#ledger.retrySome(job, chosen.selected, chosen.rest);
    this.#queue.place(job);
    return { status: 'retried', job: this.#ledger.summary(job) };
  }

  async pause(what: PauseTarget): Promise<PauseChange | undefined> {
    return this.#setPaused(what, true);
  }

  async resume(what: PauseTarget): Promise<PauseChange | undefined> {
    return this.#setPaused(what, false);
  }

  async stats(): Promise<Stats> {
    return readStats(this.#ledger, this.#queue, this.#now());
  }

  events(options: EventsOptions): AsyncIterable<StoreEvent> {
    return this.#log.follow(options);
  }

  async tellProgress(progress: readonly LeaseProgress[]): Promise<void> {
    for (const each of progress) requireProgress(each);
    const at = this.#now();
    for (const { lease, ...bytes } of progress) {
      const { jobId, index, url, attempt } = lease;
      if (this.#queue.standing(lease).status !== 'held') continue;
      this.#progress.tell({ jobId, index, url, attempt, ...bytes, at });
    }
  }

  async hearProgress(options: HearProgressOptions): Promise<void> {
    this.#now();
    this.#progress.add(options);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#wakeUps.wakeAll();
    this.#progress.clear();
    this.#log.close();
  }

  /** The store's time. Every step asks for it first, so this is also where a store that was closed refuses. */
  #now(): number {
    if (this.#closed) throw new StateError('the memory store is closed');
    return this.#clock();
  }

  #job(jobId: string): JobRecord | undefined {
    return this.#ledger.job(jobId, this.#now());
  }

  #sameSubmit({ id, idempotency }: NewJob, now: number): Created | undefined {
    const known = idempotency === undefined ? undefined : this.#ledger.keys.get(idempotency.key, now);
    if (known !== undefined && known.fingerprint !== idempotency?.fingerprint) return { status: 'conflict' };
    const job = this.#ledger.job(known?.jobId ?? id, now);
    if (job === undefined) return undefined;
    return { status: job.id === id ? 'created' : 'existing', job: this.#ledger.summary(job) };
  }

  #settle({ lease, outcome, posts }: SettleRequest, now: number): Settlement {
    const standing = this.#queue.standing(lease);
    if (standing.status === 'settled') return standing;
    if (standing.status === 'lost') {
      this.#queue.closeCancelled(lease, posts, outcome.possiblyDuplicated);
      this.#ledger.tally.totals.settlesLost += 1;
      return standing;
    }
    this.#queue.close(standing.held, posts);
    const end = this.#ledger.settle(standing.held, outcome, now);
    // The last upload of a job takes it out of the round, where a lease of it that ran out may have put it.
    if (end.jobFinished) this.#queue.place(standing.held.job);
    return { status: 'settled', ...end };
  }

  #setPaused(what: PauseTarget, paused: boolean): PauseChange | undefined {
    const { pauses } = this.#ledger;
    const now = this.#now();
    if (what !== 'queue' && 'jobId' in what) {
      const job = this.#ledger.job(what.jobId, now);
      if (job === undefined) return undefined;
      const changed = pauses.setJob(job, paused);
      if (changed) this.#queue.place(job);
      return { changed, job: this.#ledger.summary(job) };
    }
    const changed = what === 'queue' ? pauses.setQueue(paused) : pauses.setHost(what.host, paused);
    if (changed) this.#wakeUps.allChanged();
    return { changed };
  }
}

function settingsOf({ maxLinks, ...bounds }: Omit<ResolvedOptions, 'clock'>): Settings {
  return { ...bounds, maxLinks: maxLinks === Number.POSITIVE_INFINITY ? 'unlimited' : maxLinks };
}

function isAll({ urls, codes }: RetrySelection): boolean {
  return urls === undefined && codes === undefined;
}

import type {
  CompleteOutcome,
  Failure,
  JobEnd,
  JobSummary,
  NewJob,
  Outcome,
  StoreChange,
} from '@imgferry/core';
import { frozenJson } from './frozen-json.ts';
import { IdempotencyKeys } from './idempotency-keys.ts';
import { CANCELLED, JobRecord } from './job-record.ts';
import { Jobs } from './jobs.ts';
import type { HeldLease } from './lease-table.ts';
import { Pauses } from './pauses.ts';
import { RecentFailures } from './recent-failures.ts';
import { RememberedImages } from './remembered-images.ts';
import { Retention } from './retention.ts';
import { Tail } from './tail.ts';
import { Tally } from './tally.ts';
import { TimeHeap } from './time-heap.ts';
import { GOES_ON, recordFailure, recordOutcome, runAgain, type UploadRecord } from './upload-record.ts';

/** What a ledger is made with. */
export interface LedgerOptions {
  readonly retentionMs: number;
  readonly maxLinks: number;
  readonly maxImages: number;
  /** Takes down what happened. */
  readonly tell: (change: StoreChange) => void;
}

/**
 * What is known: jobs, links, counts. Whatever changes an upload is a method here, so that its record, its job's
 * counters, the totals, the links and the events change together or not at all.
 */
export class Ledger {
  readonly jobs: Jobs = new Jobs();
  readonly keys: IdempotencyKeys = new IdempotencyKeys();
  readonly links: Tail<string>;
  readonly images: RememberedImages;
  readonly pauses: Pauses;
  readonly tally: Tally = new Tally();
  readonly recentFailures: RecentFailures = new RecentFailures();
  readonly #tell: (change: StoreChange) => void;
  readonly #retention: Retention;
  /** Unfinished jobs with delayed uploads, by when the first of them may be tried. */
  readonly #delaying = new TimeHeap<JobRecord>();

  constructor({ retentionMs, maxLinks, maxImages, tell }: LedgerOptions) {
    this.#tell = tell;
    this.pauses = new Pauses(tell);
    this.links = new Tail(maxLinks);
    this.images = new RememberedImages(maxImages);
    const { jobs, pauses, keys, images } = this;
    this.#retention = new Retention({ retentionMs, jobs, pauses, keys, images });
  }

  /** A job that is known at this time. */
  job(jobId: string, now: number): JobRecord | undefined {
    this.#retention.sweep(now);
    const job = this.jobs.get(jobId);
    return job === undefined || this.isForgotten(job, now) ? undefined : job;
  }

  /** True of a job whose time is over and that the bounded sweeps have not come to yet. */
  isForgotten(job: JobRecord, now: number): boolean {
    return this.#retention.isOver(job, now);
  }

  /** A job as others may read it. */
  summary(job: JobRecord): JobSummary {
    return job.summary(this.pauses);
  }

  create(newJob: NewJob, now: number): JobRecord {
    const forgotten = this.jobs.get(newJob.id);
    if (forgotten !== undefined) this.#retention.forget(forgotten);
    const job = new JobRecord(newJob, now);
    this.jobs.add(job);
    if (newJob.idempotency !== undefined) this.keys.add(newJob.idempotency, job.id, now);
    this.tally.created(newJob.urls.length);
    this.#tell({ type: 'job:created', jobId: job.id, job: this.summary(job) });
    return job;
  }

  /** An upload is held by a new lease. True when this has started its job. */
  claim(job: JobRecord, lease: HeldLease, now: number): boolean {
    const record = job.touch(lease.index);
    if (record.status === 'waiting') this.tally.move(job, 'waiting', 'claimed');
    record.status = 'claimed';
    record.attempts += 1;
    record.token = lease.token;
    record.startedAt ??= now;
    job.held.add(lease);
    if (job.startedAt !== null) return false;
    job.startedAt = now;
    this.#tell({ type: 'job:started', jobId: job.id });
    return true;
  }

  /** A lease ran out and is taken over: whoever held it may have posted. */
  expire(lease: HeldLease): UploadRecord {
    const record = this.#endLease(lease);
    record.expiries += 1;
    record.possiblyDuplicated = true;
    this.tally.totals.leasesExpired += 1;
    return record;
  }

  /** A cancelled lease ran out without a word from its holder, who may have posted. */
  expireCancelled({ job, index }: HeldLease): void {
    if (this.jobs.get(job.id) !== job) return;
    const record = job.touch(index);
    if (record.status === 'complete' && !record.possiblyDuplicated) this.tally.duplicated(job);
    record.possiblyDuplicated = true;
  }

  /** A lease is given back, its upload waits again. */
  release(
    lease: HeldLease,
    facts: { countAttempt: boolean; failure?: Failure; possiblyDuplicated?: boolean; delayMs: number },
    now: number,
  ): void {
    const { job, index } = lease;
    const record = this.#endLease(lease);
    this.tally.move(job, 'claimed', 'waiting');
    record.status = 'waiting';
    if (!facts.countAttempt) record.attempts -= 1;
    record.possiblyDuplicated ||= facts.possiblyDuplicated ?? false;
    job.backlog.delay(index, now + facts.delayMs);
    this.delaysChanged(job, 1);
    if (facts.failure === undefined) return;
    record.failure = frozenJson(facts.failure);
    if (!facts.countAttempt) return;
    this.tally.totals.uploadsRetried += 1;
    const { failure } = record;
    this.#tell({ type: 'upload:retried', ...this.#place(lease), failure, delayMs: facts.delayMs });
  }

  /** A lease is settled. Answers whether this has finished its job. */
  settle(lease: HeldLease, outcome: Outcome, now: number): JobEnd {
    const { job, token } = lease;
    const record = this.#endLease(lease);
    recordOutcome(record, outcome, now);
    this.tally.move(job, 'claimed', outcome.status);
    if (outcome.status === 'complete') {
      this.#remember(outcome, now);
      this.#completed(lease, record, now);
    } else this.#failed(lease, record.failure ?? outcome.failure, now);
    this.tally.workedOn(lease.claimedAt, now);
    record.settledToken = token;
    record.settledEnd = this.#finishIfDone(job, now);
    return record.settledEnd;
  }

  /** An upload whose lease was taken over ends instead of running again. Answers whether this has finished its job. */
  end(lease: HeldLease, token: number, failure: Failure, now: number): JobEnd {
    const { job, index } = lease;
    const record = job.touch(index);
    record.token = token;
    record.settledToken = undefined;
    record.settledEnd = GOES_ON;
    recordFailure(record, failure, now);
    this.tally.move(job, 'claimed', 'failed');
    this.#failed(lease, failure, now);
    return this.#finishIfDone(job, now);
  }

  /** What has no outcome yet is cancelled. Answers the leases that this takes away. */
  cancel(job: JobRecord, now: number): readonly HeldLease[] {
    const taken = [...job.held];
    for (const lease of taken) this.#cancelLease(lease, now);
    this.tally.counts.delayed -= job.backlog.delayed;
    this.#delaying.delete(job);
    const { waiting } = job.counts;
    this.tally.move(job, 'waiting', 'failed', waiting);
    job.markCancelled(now);
    this.tally.failed(job, CANCELLED.code, waiting + taken.length, now);
    this.#finish(job, now);
    return taken;
  }

  /** All that failed runs again. */
  retryAll(job: JobRecord, now: number): void {
    this.tally.move(job, 'failed', 'waiting', job.counts.failed);
    job.markRetried(now);
    this.#reopened(job);
  }

  /** What failed and is selected runs again. */
  retrySome(job: JobRecord, selected: readonly number[], rest: number[]): void {
    for (const index of selected) runAgain(job.touch(index));
    this.tally.move(job, 'failed', 'waiting', selected.length);
    job.backlog.retrySome(selected, rest, job.cancelled);
    job.reopen();
    this.#reopened(job);
  }

  /** So many more uploads of an unfinished job are delayed, or fewer. */
  delaysChanged(job: JobRecord, by: number): void {
    if (by === 0) return;
    this.tally.counts.delayed += by;
    const { nextAt } = job.backlog;
    if (nextAt === undefined) this.#delaying.delete(job);
    else this.#delaying.set(job, nextAt);
  }

  /** In how long the first that is delayed may be tried. */
  nextDelayedMs(now: number): number | null {
    const first = this.#delaying.first;
    return first === undefined ? null : Math.max(0, Math.ceil(first.at - now));
  }

  #endLease(lease: HeldLease): UploadRecord {
    const record = lease.job.touch(lease.index);
    lease.job.held.delete(lease);
    lease.state = 'ended';
    return record;
  }

  #cancelLease(lease: HeldLease, now: number): void {
    const record = this.#endLease(lease);
    lease.state = 'cancelled';
    record.cancelledToken = lease.token;
    recordFailure(record, CANCELLED, now);
    this.tally.move(lease.job, 'claimed', 'failed');
    lease.job.backlog.fail(lease.index);
  }

  #completed(lease: HeldLease, record: UploadRecord, now: number): void {
    const link = record.link ?? '';
    this.links.append(link);
    this.tally.completed(lease.job, record, now);
    this.#tell({ type: 'upload:completed', ...this.#place(lease), link });
  }

  #remember({ link, remember }: CompleteOutcome, now: number): void {
    if (remember === undefined) return;
    this.images.set(remember.digest, link, now + remember.ttlMs);
  }

  #failed(lease: HeldLease, failure: Failure, now: number): void {
    lease.job.backlog.fail(lease.index);
    this.tally.failed(lease.job, failure.code, 1, now);
    this.recentFailures.add(lease.job, lease.index, failure, now);
    this.#tell({ type: 'upload:failed', ...this.#place(lease), failure: { ...failure } });
  }

  #place({ job, index }: HeldLease): { jobId: string; index: number; url: string } {
    return { jobId: job.id, index, url: job.urls[index] ?? '' };
  }

  #finishIfDone(job: JobRecord, now: number): JobEnd {
    if (job.counts.waiting + job.counts.claimed > 0) return GOES_ON;
    job.finishedAt = now;
    return { jobFinished: true, job: this.#finish(job, now) };
  }

  /** Answers the job as it is told. */
  #finish(job: JobRecord, now: number): JobSummary {
    this.jobs.setLive(job, false);
    this.#retention.finished(job);
    this.tally.totals.jobsFinished += 1;
    const summary = this.summary(job);
    this.#tell({ type: 'job:finished', jobId: job.id, job: summary });
    this.#retention.sweep(now);
    return summary;
  }

  #reopened(job: JobRecord): void {
    this.jobs.setLive(job, true);
    this.#retention.reopened(job);
    this.#tell({ type: 'job:retried', jobId: job.id, job: this.summary(job) });
  }
}

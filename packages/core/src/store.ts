import type { Budget, BudgetReading } from './budget.ts';
import type { FailureCode } from './failure.ts';
import type { Fleet } from './fleet.ts';
import type { Created, JobEnd, JobSummary, NewJob, Outcome, Upload, UploadStatus } from './job.ts';
import type { Lease, LostReason } from './lease.ts';
import type { JobFilter, Page, PageOptions } from './page.ts';
import type { Queue } from './queue.ts';
import type { RecentFailure } from './recent-failure.ts';
import type { Settings } from './settings.ts';
import type { Stats } from './stats.ts';
import type { StoreEvent } from './store-event.ts';
import type { LeaseProgress, ProgressEnd, UploadProgress } from './upload-progress.ts';

/** An outcome for the upload that a lease holds. */
export interface SettleRequest {
  readonly lease: Lease;
  readonly outcome: Outcome;
  /** How many POSTs were sent to the host. */
  readonly posts: number;
}

/** The answer to one {@link SettleRequest}. */
export type Settlement =
  | ({ readonly status: 'settled' } & JobEnd)
  | { readonly status: 'lost'; readonly reason: LostReason };

/**
 * A page of uploads and the job they are of, read in the same step. It never changes once it was answered. A store may answer
 * the same one again while nothing of the job has changed, frozen with its items: what is made of it is then kept.
 */
export interface UploadPage extends Page<Upload> {
  readonly job: JobSummary;
}

/** Which of a job's failed uploads to run again; both given: those that match both. */
export interface RetrySelection {
  readonly urls?: readonly string[];
  readonly codes?: readonly FailureCode[];
}

/** What a retry may come to at most. */
export interface RetryOptions {
  /** Refuse the retry when more than this many uploads would be waiting in the whole store. @default no bound */
  readonly maxWaiting?: number;
}

/** The answer to a retry, with the job as it is by then. */
export type Retried =
  /** Something runs again, or nothing matched. */
  | { readonly status: 'retried' | 'unchanged'; readonly job: JobSummary }
  /** Refused. `undefined`: no waiting helps, as more was chosen than may ever wait. */
  | { readonly status: 'full'; readonly job: JobSummary; readonly retryAfterMs: number | undefined };

/** What can be paused. */
export type PauseTarget = { readonly jobId: string } | { readonly host: string } | 'queue';

/** Which part of the history is read. */
export interface EventsOptions {
  /** Only what happens to this job. @default all that happens */
  readonly jobId?: string;
  /** The id of an event: what came after it is told first. @default what happens from now on */
  readonly after?: string;
  /** Whether to go on with what happens from now on. @default true */
  readonly live?: boolean;
  /**
   * With `live: false`: by the store's clock, until when what has happened is of interest. The iteration ends at the
   * first event, of whatever job, that is later. @default all that has happened by now
   */
  readonly until?: number;
  readonly signal: AbortSignal;
}

/** Whose progress is heard, for how long, and who is told. */
export interface HearProgressOptions {
  readonly jobId: string;
  readonly signal: AbortSignal;
  /** Must not throw. */
  readonly heard: (progress: UploadProgress) => void;
  /** Must not throw. Called for each lease of the job that is given back, of which there is not always an event. */
  readonly ended: (end: ProgressEnd) => void;
}

/** What a pause or a resume came to. */
export interface PauseChange {
  /** False when it was so already: nothing is told of it. */
  readonly changed: boolean;
  /** The job as it is by then, where it was one that was to be paused or resumed. */
  readonly job?: JobSummary;
}

/** The right to delete one image at the host. */
export interface DeleteHash {
  readonly index: number;
  readonly link: string;
  readonly deleteHash: string;
}

/**
 * Keeps jobs and owns their queue. Split by verb: the store says what is known, the {@link Queue} who may work, the
 * {@link Budget} what the host allows, the {@link Fleet} who is working. They are views of one thing and can not be
 * taken from different stores.
 *
 * What every store promises, and `@imgferry/core/conformance` tests in the same words:
 *
 * - Every method is one atomic step: a caller, or its death, never leaves half of it.
 * - Every upload of a job ends in exactly one outcome, and counters always equal the records.
 * - Only the newest holder of an upload can settle it. Each outcome keeps the token that settled it, so a resend gets
 *   its first answer again, and with it the job as it was then, whatever has become of it since.
 * - One clock: the store's own. Durations go in and out; no time is compared with the caller's.
 * - A finished job is kept for the store's retention (7 days by default), and at least as long as its idempotency key;
 *   then it is unknown. Its links stay in `links`.
 * - A store that can not be reached rejects with `StoreUnavailableError`.
 */
export interface Store {
  readonly queue: Queue;
  readonly budget: Budget;
  readonly fleet: Fleet;
  /** What it was made with, as far as people want to know it, without a secret. */
  readonly settings?: Settings;

  /**
   * Keeps a job and makes its uploads claimable. The job can be read before this resolves. An id is that of one submit,
   * so a create that is sent again changes nothing and is answered `created` again, with the job as it is by then.
   * @throws InvalidOptionError when its id is one that no job can have
   */
  create(job: NewJob): Promise<Created>;

  /** A job without its uploads, in constant time; `undefined` when it is unknown. */
  get(jobId: string): Promise<JobSummary | undefined>;

  /**
   * A job's uploads, in the order of the request, with the job as it was in the same step; `undefined` when unknown. With
   * a status a page looks at a bounded number of uploads, so it may be short or empty although there is a `next`.
   */
  uploads(
    jobId: string,
    page?: PageOptions & { readonly status?: UploadStatus },
  ): Promise<UploadPage | undefined>;

  /**
   * Jobs, newest first. Each job that is there throughout is on exactly one page, whatever is created meanwhile.
   *
   * With a filter a page looks at a bounded number of jobs, so it may have fewer than `limit`, or none, although there is
   * a `next`: go on with it. A job whose facts change while pages are read is on at most one of them.
   */
  list(page?: PageOptions & JobFilter): Promise<Page<JobSummary>>;

  /**
   * The uploads that failed last, newest first: of at least the last 1,000 failures, those of jobs that are still known. A
   * cancel fails none that would be among them. One that was retried since is told as it failed.
   * @param options.limit How many at most, from 1. @default 100
   */
  recentFailures(options?: { readonly limit?: number }): Promise<readonly RecentFailure[]>;

  /** Every link that was recorded, in the order of completion. */
  links(page?: PageOptions): Promise<Page<string>>;

  /**
   * The link that an image with this digest was given, by the newest outcome that had it remembered; `undefined` when
   * its time is over, or when there was none. A store that is short of room may forget sooner.
   */
  recall(digest: string): Promise<string | undefined>;

  /**
   * What is needed to delete a job's images at the host, less those that took an earlier link; empty when the job is
   * unknown. Secret: handle with care.
   */
  deleteHashes(jobId: string): Promise<readonly DeleteHash[]>;

  /**
   * Records outcomes: each one atomically with the counters, the list of links, the event, and with what it asks to
   * have remembered; one that is lost leaves nothing to {@link recall}. Answers in the order of the requests.
   * `observed` is what the host's replies told about its limits.
   */
  settle(
    requests: readonly SettleRequest[],
    observed?: readonly BudgetReading[],
  ): Promise<readonly Settlement[]>;

  /**
   * Cancels a job: one mark. It reads at once as complete, with what was unsettled as failed, code `cancelled`; links
   * already recorded stay; leases of it are lost. Cancelling a complete job changes nothing. `jobFinished` when this
   * call finished it. `undefined` when the job is unknown.
   */
  cancel(jobId: string): Promise<{ readonly job: JobSummary; readonly jobFinished: boolean } | undefined>;

  /**
   * Runs a job's failed uploads once more: all, or those selected. The job is in progress again (also one that was
   * cancelled before it started), `finishedAt` null;
   * their count of attempts goes on, that of the run begins anew, and so do their expiries; their last failure is kept
   * until the next. When nothing matches nothing changes. A retry with which too many would wait is refused, and nothing
   * changes. `undefined` when the job is unknown.
   */
  retry(jobId: string, which?: RetrySelection, options?: RetryOptions): Promise<Retried | undefined>;

  /**
   * Hands out nothing more of it, until it is resumed. What runs is finished. Pausing twice is pausing once. A job that
   * is complete can be paused, which counts once it is retried; no cancel ends a pause. `undefined`: no such job.
   */
  pause(what: PauseTarget): Promise<PauseChange | undefined>;

  /** Ends a pause, and that one alone. `undefined`: no such job. */
  resume(what: PauseTarget): Promise<PauseChange | undefined>;

  /** What was counted and what is held. */
  stats(): Promise<Stats>;

  /**
   * Everything that happens from now on, or after the event with the id `after`, in order, until the signal aborts
   * (the iteration then ends; it does not throw). Events that are no longer kept are replaced by one `gap`.
   *
   * With a `jobId` only what happens to that job, pauses and resumes of the queue and of hosts, and gaps. Whoever waits for it costs nothing while others are busy,
   * and stays at the end of the history however much of it is trimmed meanwhile. With `live: false` what has happened by
   * now, or `until` a time, and then the iteration ends; a store that is away for too long then throws
   * `StoreUnavailableError`.
   */
  events(options: EventsOptions): AsyncIterable<StoreEvent>;

  /**
   * Tells how far uploads are to all who hear the progress of their jobs, in any process. A hint: nothing of it is kept,
   * and it may be lost. Of a lease that is no longer held nothing is told, so nothing is told of an upload after its end.
   */
  tellProgress(progress: readonly LeaseProgress[]): Promise<void>;

  /**
   * Has `heard` called with what is told of a job's uploads, until the signal aborts, and `ended` with what a release
   * puts an end to, in the order in which the store took them. Resolves when it hears. While the store is away nothing is
   * heard, and it goes on when the store is back.
   */
  hearProgress(options: HearProgressOptions): Promise<void>;

  /** Ends what the store itself opened: connections, timers, waits and event streams. Closing twice is closing once. */
  close(): Promise<void>;
}

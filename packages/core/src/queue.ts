import type { BudgetReading, BudgetScope } from './budget.ts';
import type { Failure } from './failure.ts';
import type { JobEnd } from './job.ts';
import type { Lease, LostReason } from './lease.ts';

/** What a claim asks for. */
export interface ClaimOptions {
  /** The host that this worker uploads to: only its jobs are handed out. */
  readonly host: string;
  /** Take at most so many uploads, from 1. */
  readonly limit: number;
  /** How long they are held, in milliseconds, unless extended. */
  readonly leaseMs: number;
  readonly workerId: string;
  /**
   * Of a job with more to do at least so many are taken in a row, from 1 to 16, also where an even share between the jobs
   * would be less. Many of a few jobs are cheaper than a few of many, and where uploads end fast nobody waits longer for it.
   * @default 1
   */
  readonly shortestTurn?: number;
  /** The buckets of the host that these uploads will draw from. Left out: no limits. */
  readonly budget?: BudgetScope;
}

/** What a claim answers. */
export interface Claimed {
  readonly leases: readonly Lease[];
  /**
   * When to look again, in milliseconds from now, if nobody wakes us before: the next retry, the next lease that runs
   * out, the next time the host allows more. `undefined` when nothing is known that would happen by itself.
   */
  readonly nextInMs: number | undefined;
  /** Uploads that this claim ended instead of handing out, because their leases ran out too often. */
  readonly ended: readonly EndedUpload[];
}

/** An upload that a claim ended as failed, code `poison`; when it was the last of its job, with the end of that. */
export type EndedUpload = JobEnd & {
  readonly jobId: string;
  readonly index: number;
  readonly url: string;
  /** How many attempts it had. */
  readonly attempt: number;
  readonly failure: Failure;
};

/** A lease given back unsettled. */
export interface Release {
  readonly lease: Lease;
  /** Not to be claimed again before this has passed, in milliseconds. */
  readonly delayMs: number;
  /** False when the attempt was not the upload's fault: a drain, a pause, a host that allows nothing, a busy source. */
  readonly countAttempt: boolean;
  /**
   * What went wrong, kept as the upload's last failure while it waits. Told as `upload:retried` and counted as such when
   * the attempt counts; one that does not count is kept quiet, because it says nothing of the upload and comes often.
   */
  readonly failure?: Failure;
  /** How many POSTs were sent to the host. */
  readonly posts: number;
  /** A POST was sent and its reply never came. It stays with the upload for good. */
  readonly possiblyDuplicated?: boolean;
}

/**
 * The store's view of uploads by when they can be claimed.
 *
 * All methods take and answer lists, so that many uploads share one round trip. All are idempotent under a resend:
 * the same lease given twice changes nothing the second time.
 */
export interface Queue {
  /**
   * Takes uploads that may run now.
   *
   * - No upload is held by two leases at a time, however many ask at once.
   * - An expired lease can be claimed again, with a new token, and its attempt counts. After three expiries the upload
   *   ends as failed, code `poison`, and is reported in `ended`.
   * - Claims go round the live jobs: a job of one upload behind a job of 100,000 starts within `workers + 2` claims.
   *   A job's retries take its turns, before uploads that never ran.
   * - Claims share themselves between the live jobs, whatever their limit: of jobs that have uploads enough, none is
   *   ever further behind another than one turn, which is an even share of a claim and at most 16 uploads.
   * - Nothing of a paused job, of a paused host, or of a paused queue is handed out, nor more than the budget allows.
   * - The first claim of a job starts it: `jobStarted` on exactly one lease, once in the job's life.
   */
  claim(options: ClaimOptions): Promise<Claimed>;

  /** Holds leases for another `leaseMs` from now. Answers those that are no longer held, with the reason. */
  extend(
    leases: readonly Lease[],
    leaseMs: number,
  ): Promise<readonly { readonly lease: Lease; readonly reason: LostReason }[]>;

  /**
   * Gives leases back. Each upload can be claimed again after its delay. A lease that is no longer held is passed over.
   * `observed` is what the host's replies told meanwhile.
   */
  release(releases: readonly Release[], observed?: readonly BudgetReading[]): Promise<void>;

  /**
   * Resolves when a claim may find something: at once if something is claimable now, else when an upload becomes
   * claimable, a pause ends or the budget changes, else after `timeoutMs`, or when the signal aborts (it never
   * rejects for that). A hint: it may come late or for nothing.
   */
  wait(options: {
    readonly host: string;
    readonly budget?: BudgetScope;
    readonly timeoutMs: number;
    readonly signal: AbortSignal;
  }): Promise<void>;
}

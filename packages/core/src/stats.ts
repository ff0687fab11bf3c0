import type { Durations } from './durations.ts';
import type { FailureCode } from './failure.ts';

/** How many uploads of one host ended so, since the store was made. It only grows. */
export interface OutcomeCount {
  /** The name of the host of their jobs. */
  readonly host: string;
  readonly outcome: 'complete' | 'failed';
  /** With which code they failed; null of those that are complete. */
  readonly code: FailureCode | null;
  readonly count: number;
}

/** What a store has counted and what it holds. Times are in milliseconds since 1970, by the store's clock. */
export interface Stats {
  /**
   * When this was looked at. What is told as a duration from here is a moment with it: `at - oldestMs` does not change
   * from look to look.
   */
  readonly at: number;
  /** Since the store was made. They only grow. */
  readonly totals: {
    readonly jobsCreated: number;
    readonly jobsFinished: number;
    readonly uploadsCreated: number;
    readonly uploadsComplete: number;
    readonly uploadsFailed: number;
    /** Attempts that counted and ended with a release and a failure. */
    readonly uploadsRetried: number;
    /** Leases that ran out and were taken over. */
    readonly leasesExpired: number;
    /** Settles that came too late. */
    readonly settlesLost: number;
    readonly possiblyDuplicated: number;
    /** Of those complete: how many took the link of an earlier upload of the same bytes. */
    readonly uploadsReused: number;
    /** Bytes of images that got a link. */
    readonly bytes: number;
  };
  /**
   * The outcomes one by one, by host and then by code; they add up to `uploadsComplete` and `uploadsFailed`. An upload
   * that a retry runs again is counted with each of its outcomes.
   */
  readonly outcomes: readonly OutcomeCount[];
  /**
   * Since the store was made: for how long uploads were worked on, each from the claim of the attempt that ended it to
   * its outcome. Of those that a worker settled: none of a cancel, or of a lease that ran out.
   */
  readonly durations: Durations;
  /** Now. */
  readonly queue: {
    readonly waiting: number;
    readonly claimed: number;
    /**
     * Of those waiting: how many were given back, to be tried again from a time on, and have not been claimed since,
     * whether that time has come or not.
     */
    readonly delayed: number;
    /** In how many milliseconds the first of the `delayed` may be tried again, 0 from then on; null when there is none. */
    readonly nextDelayedMs: number | null;
    /**
     * Leases that ran out, of workers that have missed their time, until another takes over what they hold, or they end
     * it after all. Also leases of a job that was cancelled meanwhile, until a claim of the same host comes by them.
     */
    readonly overdue: number;
    /** For how long the oldest unfinished job has been there, in milliseconds; null when there is none. */
    readonly oldestMs: number | null;
    /** Jobs that are not complete. */
    readonly liveJobs: number;
    readonly paused: boolean;
    /** How many of the `liveJobs` are paused themselves. */
    readonly pausedJobs: number;
    /** By name. */
    readonly pausedHosts: readonly string[];
  };
  /** The last 60 minutes in which something happened, oldest first. */
  readonly minutes: readonly {
    /** The beginning of the minute. */
    readonly at: number;
    readonly complete: number;
    readonly failed: number;
    readonly bytes: number;
    /** As `durations`, of this minute. */
    readonly durations: Durations;
  }[];
}

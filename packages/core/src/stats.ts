/** What a store has counted and what it holds. Times are in milliseconds since 1970, by the store's clock. */
export interface Stats {
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
  /** Now. */
  readonly queue: {
    readonly waiting: number;
    readonly claimed: number;
    /** Of those waiting: how many wait for the time of their next attempt. */
    readonly delayed: number;
    /** For how long the oldest unfinished job has been there, in milliseconds; null when there is none. */
    readonly oldestMs: number | null;
    /** Jobs that are not complete. */
    readonly liveJobs: number;
    readonly paused: boolean;
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
  }[];
}

import type { JobOptions, Metadata } from './job.ts';

/**
 * The right to work on one upload for a while. Plain data: it can be written down and sent.
 * `token` is a fencing token: it grows with every claim of the store, and only the newest holder of an upload can
 * extend, release or settle it.
 */
export interface Lease {
  readonly jobId: string;
  /** The upload's place in its job, from 0. */
  readonly index: number;
  readonly url: string;
  /** Which attempt this is, from 1, over all retries. Those that ended with `countAttempt: false` are not counted. */
  readonly attempt: number;
  /** Which one it is since the upload was last retried, from 1. What is allowed and how long to wait goes by this. */
  readonly runAttempt: number;
  /** How many leases of this upload have run out before. */
  readonly expiries: number;
  /** A POST of an earlier attempt may have stored the image: a reply was lost, or a lease ran out. */
  readonly possiblyDuplicated: boolean;
  readonly token: number;
  /** True on the one lease whose claim started its job. */
  readonly jobStarted: boolean;
  /** What the job asks of the host: title, description, album. */
  readonly options: JobOptions;
  readonly metadata?: Metadata;
}

/** Why a lease no longer counts: a later claim has the upload; its job was cancelled; or nothing is known of it. */
export type LostReason = 'replaced' | 'cancelled' | 'unknown';

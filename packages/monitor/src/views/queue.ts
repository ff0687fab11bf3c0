import type { PausedView } from './overview.ts';

/** What waits and what is held. Times are in milliseconds since 1970, by the store's clock. */
export interface QueueView {
  readonly waiting: number;
  /** Of those waiting: how many were given back and wait for the time of their next attempt. */
  readonly delayed: number;
  /** When the first of them may be tried again; null when there is none, or when it may be tried already. */
  readonly nextDelayedAt: number | null;
  /** Uploads that are leased to a worker. */
  readonly leases: number;
  /** Of those: how many are past their time and will be claimed by another worker. */
  readonly overdue: number;
  /** When the oldest job came that is not complete; null when there is none. */
  readonly oldestAt: number | null;
  readonly liveJobs: number;
  readonly paused: PausedView;
  /** Attempts that counted and ended without an outcome, since the store was made. */
  readonly retried: number;
  readonly leasesExpired: number;
  readonly settlesLost: number;
  readonly possiblyDuplicated: number;
  readonly reused: number;
  readonly bytes: number;
}

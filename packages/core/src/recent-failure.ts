import type { Failure } from './failure.ts';

/** An upload that failed, as it was told when it did. It may have been retried since. */
export interface RecentFailure {
  readonly jobId: string;
  readonly index: number;
  /** As it was handed in. */
  readonly url: string;
  /** The name of the host of its job. */
  readonly host: string;
  readonly failure: Failure;
  /** When, in milliseconds since 1970, by the store's clock. */
  readonly at: number;
}

import type { JobStatus } from './job.ts';

/** Which part of a long list to read. */
export interface PageOptions {
  /** At most so many items, from 1. @default 100 */
  readonly limit?: number;
  /** Where the last page ended: its `next`, unchanged. A cursor that was never given out is an `InvalidCursorError`. */
  readonly cursor?: string;
}

/**
 * Which jobs of a list are asked for; all that is given has to hold. Times are by the store's clock. Where that clock was
 * set back, times do not grow with the list any more, and a list within times may lack jobs of the hours that came twice.
 */
export interface JobFilter {
  /** Those of one status. @default all */
  readonly status?: JobStatus;
  /** Those with uploads that are failed now. */
  readonly failed?: true;
  /** Those that are paused themselves, and not complete. */
  readonly paused?: true;
  /** Created at this time or later, in milliseconds since 1970. */
  readonly createdFrom?: number;
  /** Created before this time, in milliseconds since 1970. */
  readonly createdBefore?: number;
}

/** A part of a long list. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** The cursor of what follows; `undefined` at the end. */
  readonly next: string | undefined;
}

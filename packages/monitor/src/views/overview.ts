import type { FailureCode, PauseReason } from '@imgferry/core';

/** The state of everything at a glance. Times are in milliseconds since 1970, by the store's clock. */
export interface Overview {
  readonly waiting: number;
  readonly running: number;
  /** Since the store was made. */
  readonly complete: number;
  readonly failed: number;
  /** When the oldest job came that is not complete; null when there is none. */
  readonly oldestAt: number | null;
  readonly liveJobs: number;
  readonly workers: {
    readonly online: number;
    readonly paused: number;
    readonly draining: number;
    readonly offline: number;
  };
  /** Slots of the workers that are not offline, and how many of them are busy. */
  readonly slots: number;
  readonly busySlots: number;
  readonly paused: PausedView;
  /** What is known of the hosts' limits. */
  readonly budget: readonly BucketView[];
  /** The last 60 minutes, oldest first, without a gap: also those in which nothing happened. The last one is under way. */
  readonly minutes: readonly MinuteView[];
  /** The newest failures, the group with the newest one first. */
  readonly failures: readonly FailureGroup[];
}

/** Everything that was paused by hand. */
export interface PausedView {
  readonly queue: boolean;
  readonly hosts: readonly string[];
  readonly jobs: number;
}

/** What is paused after a pause or a resume of the queue or of a host. */
export interface PausedAnswer {
  readonly paused: PausedView;
}

/** One limit of a host, as it was read last. */
export interface BucketView {
  readonly name: string;
  readonly remaining: number;
  /** Of a full window; null when it is unknown. */
  readonly limit: number | null;
  readonly inFlight: number;
  /** When it is full again. */
  readonly resetsAt: number;
  readonly reason: PauseReason | null;
}

/** What happened in one minute. */
export interface MinuteView {
  /** Its beginning. */
  readonly at: number;
  readonly complete: number;
  readonly failed: number;
  readonly bytes: number;
  /** For how long uploads were worked on: half of them, 95 and 99 of a hundred no longer than this; null without any. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
}

/** Newest failures with one code. */
export interface FailureGroup {
  readonly code: FailureCode;
  /** What the code means, in words. */
  readonly meaning: string;
  /** What one does about it, in words. */
  readonly remedy: string;
  /** How many of the newest failures have it. */
  readonly count: number;
  /** How many uploads have failed with it since the store was made. */
  readonly total: number;
  /** At most five, newest first. */
  readonly newest: readonly RecentFailureView[];
}

/** One upload that failed. */
export interface RecentFailureView {
  readonly jobId: string;
  readonly index: number;
  /** Without its query, which may be a signature. */
  readonly url: string;
  readonly host: string;
  readonly message: string;
  readonly at: number;
}

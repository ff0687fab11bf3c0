import type { FailureCode, JobStatus, PausedBy, UploadStatus } from '@imgferry/core';

/** A page of jobs, newest first. Times are in milliseconds since 1970, by the store's clock. */
export interface JobsView {
  readonly jobs: readonly JobView[];
  /** Where the next page begins; null at the end. A page of a filter may be short although there is a next one. */
  readonly next: string | null;
}

/** A job as lists show it. */
export interface JobView {
  readonly id: string;
  readonly host: string;
  readonly status: JobStatus;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  readonly total: number;
  readonly waiting: number;
  readonly running: number;
  readonly complete: number;
  readonly failed: number;
  readonly possiblyDuplicated: number;
  readonly pausedBy: readonly PausedBy[];
  readonly cancelled: boolean;
}

/** A job on a page of its own. Its album is left out: it may be named by what lets one delete it. */
export interface JobPageView extends JobView {
  readonly title: string | null;
  readonly description: string | null;
  /** As the application attached it: an object, or null. */
  readonly metadata: unknown;
}

/** A page of a job's uploads, in the order of the request. */
export interface UploadsView {
  readonly uploads: readonly UploadView[];
  readonly next: string | null;
}

/** One image of a job. */
export interface UploadView {
  readonly index: number;
  /** Without its query, which may be a signature. */
  readonly url: string;
  readonly status: UploadStatus;
  readonly link: string | null;
  /** Its remedy is what one does about it, in words. */
  readonly failure: {
    readonly code: FailureCode;
    readonly message: string;
    readonly remedy: string;
  } | null;
  readonly attempts: number;
  readonly bytes: number | null;
  readonly type: string | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly possiblyDuplicated: boolean;
  readonly reused: boolean;
  readonly paused: boolean;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
}

/** What is needed to delete a job's images at the host. */
export interface DeleteHashesView {
  readonly deleteHashes: readonly {
    readonly index: number;
    readonly link: string;
    readonly deleteHash: string;
  }[];
}

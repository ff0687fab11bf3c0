import type { Failure } from './failure.ts';

/** What a job may ask of the host for all of its images, as far as the host can. */
export interface JobOptions {
  readonly title?: string;
  readonly description?: string;
  /** For Imgur: the id of an album, or for an anonymous album its deletehash. */
  readonly album?: string;
}

/** Anything of the application's own, echoed in summaries and events. JSON, at most 4 KiB. */
export type Metadata = Readonly<Record<string, unknown>>;

/** A job as it is handed to a store. Everything in it has been checked. */
export interface NewJob {
  /**
   * A UUID, made by the submitter anew for each submit, so that a create can be resent: one whose id is known already
   * is the same submit once more. A store takes any text of whole characters that is not empty and has no colon; see
   * {@link checkJobId}.
   */
  readonly id: string;
  /** From 1 URL, in the order of the request. For a store equal URLs are different uploads. */
  readonly urls: readonly string[];
  /** The name of the host that its images go to. */
  readonly host: string;
  readonly options: JobOptions;
  readonly metadata?: Metadata;
  readonly idempotency?: {
    readonly key: string;
    /** Equal for equal submits: a digest of what they ask for. */
    readonly fingerprint: string;
    /** How long the key is kept, in milliseconds. */
    readonly ttlMs: number;
  };
  /** Refuse the job when more than this many uploads would be waiting in the whole store. */
  readonly maxWaiting?: number;
}

/** The answer to a create. */
export type Created =
  /** It is there now. A create that is sent again is answered so again, as long as the job is known. */
  | { readonly status: 'created'; readonly job: JobSummary }
  /** Another submit with the same idempotency key came before. */
  | { readonly status: 'existing'; readonly job: JobSummary }
  /** The idempotency key belongs to a submit of something else. */
  | { readonly status: 'conflict' }
  | { readonly status: 'full'; readonly retryAfterMs: number };

/** How far a job is. There is no failed job: its uploads tell. */
export type JobStatus = 'pending' | 'in-progress' | 'complete';

/** What an operator has paused, so that nothing of a job is handed out: the job itself, its host, or the whole queue. */
export type PausedBy = 'job' | 'host' | 'queue';

/**
 * A job without its uploads. The four counters always add up to `total`.
 * All times are in milliseconds since 1970, by the store's clock.
 */
export interface JobSummary {
  readonly id: string;
  readonly host: string;
  readonly status: JobStatus;
  readonly createdAt: number;
  readonly startedAt: number | null;
  /** When the last upload was settled; null until `status` is `complete`. */
  readonly finishedAt: number | null;
  readonly total: number;
  readonly waiting: number;
  readonly claimed: number;
  readonly complete: number;
  readonly failed: number;
  /** Of those complete: how many the host may hold twice. */
  readonly possiblyDuplicated: number;
  /** Whether anything in `pausedBy` holds it up. */
  readonly paused: boolean;
  /**
   * Which pauses hold it up, in the order of {@link PausedBy}; empty when none does. Only what was paused by `pause`:
   * a host that is out of budget is not paused here. Of a complete job they count once it is retried.
   */
  readonly pausedBy: readonly PausedBy[];
  readonly cancelled: boolean;
  readonly options: JobOptions;
  readonly metadata?: Metadata;
}

/**
 * Whether a step ended a run of a job. `jobFinished` on exactly one answer of a run: its caller is the one to tell
 * `job:finished`. `job` is the complete job as that step left it, equal to that of the store's own event.
 */
export type JobEnd =
  | { readonly jobFinished: false }
  | { readonly jobFinished: true; readonly job: JobSummary };

/** How far an upload is. */
export type UploadStatus = 'waiting' | 'claimed' | 'complete' | 'failed';

/** One image of a job. */
export interface Upload {
  readonly jobId: string;
  readonly index: number;
  /** As it was handed in. */
  readonly url: string;
  readonly status: UploadStatus;
  /** The host's link, once complete. */
  readonly link: string | null;
  /** Why it failed; while it waits to be tried again: why the last attempt did. */
  readonly failure: Failure | null;
  /** How many attempts have begun and count, over all retries. */
  readonly attempts: number;
  /** The size of the image, once it is known. */
  readonly bytes: number | null;
  /** The media type, told by its first bytes, once it is known. */
  readonly type: string | null;
  readonly width: number | null;
  readonly height: number | null;
  /** The host may hold this image twice: a holder died or was too slow after it may have posted, or a reply was lost. */
  readonly possiblyDuplicated: boolean;
  /** Its link is that of an earlier upload of the same bytes: nothing was sent, and nothing here can delete it. */
  readonly reused: boolean;
  /** True while it waits and its job, its host or the whole queue is paused. */
  readonly paused: boolean;
  /** When its first attempt began. */
  readonly startedAt: number | null;
  /** When its outcome was recorded. */
  readonly finishedAt: number | null;
}

/** How an upload ended. */
export type Outcome = CompleteOutcome | FailedOutcome;

/** The image has a link. */
export interface CompleteOutcome extends ImageFacts {
  readonly status: 'complete';
  readonly link: string;
  /** Lets its holder delete the image at the host. Kept apart from everything else, gone with its job. */
  readonly deleteHash?: string;
  /** A POST before the one that gave the link was never answered. */
  readonly possiblyDuplicated?: boolean;
  /** The link is that of an earlier upload of the same bytes. Such an outcome has no deletehash. */
  readonly reused?: boolean;
  /** Have later uploads of the same bytes find this link. */
  readonly remember?: ImageMark;
}

/** What an image is remembered by. */
export interface ImageMark {
  /** Equal for equal bytes that go to one host with the same options. */
  readonly digest: string;
  /** For how long, in milliseconds, from 1. */
  readonly ttlMs: number;
}

/** The image has no link and will get none by itself. */
export interface FailedOutcome extends Partial<ImageFacts> {
  readonly status: 'failed';
  readonly failure: Failure;
  /** A POST was sent and its reply never came. It stays with the upload, also when it is retried. */
  readonly possiblyDuplicated?: boolean;
}

/** What is known of an image from its bytes. */
export interface ImageFacts {
  readonly bytes: number;
  readonly type: string;
  readonly width?: number;
  readonly height?: number;
}

import type { Failure, JobSummary, PauseReason } from '@imgferry/core';
import type { JobView } from './job-view.ts';

/** What events show of a job as it is: chosen by name, so that nothing else of it leaves. */
type ShownOfJob =
  | 'id'
  | 'host'
  | 'status'
  | 'total'
  | 'waiting'
  | 'claimed'
  | 'complete'
  | 'failed'
  | 'possiblyDuplicated'
  | 'paused'
  | 'pausedBy'
  | 'cancelled';

/** A job as events show it. All times are ISO 8601 in UTC. */
export interface JobFacts extends Pick<JobSummary, ShownOfJob> {
  readonly created: string;
  readonly started: string | null;
  readonly finished: string | null;
}

/** What every event has that is of a change. */
export interface JobChange {
  readonly jobId: string;
  readonly at: string;
}

/** What every event has that is of an upload. */
export interface UploadChange extends JobChange {
  readonly index: number;
  readonly url: string;
}

/** The data of each event of a stream, by its name. */
export interface EventData {
  /** How the job is as the stream begins. Every event behind it happened later. */
  readonly snapshot: { readonly job: JobFacts };
  /** Events were missed: how the job is now. */
  readonly gap: { readonly job: JobFacts; readonly view: JobView };
  readonly 'job:created': JobChange & { readonly job: JobFacts };
  readonly 'job:started': JobChange;
  readonly 'job:finished': JobChange & { readonly job: JobFacts };
  readonly 'job:retried': JobChange & { readonly job: JobFacts };
  readonly 'job:paused': JobChange & { readonly job: JobFacts };
  readonly 'job:resumed': JobChange & { readonly job: JobFacts };
  readonly 'upload:progressed': UploadChange & {
    readonly attempt: number;
    readonly sentBytes: number;
    readonly totalBytes: number;
  };
  readonly 'upload:retried': UploadChange & {
    readonly failure: EventFailure;
    /** After how many milliseconds it is tried again. */
    readonly delayMs: number;
  };
  readonly 'upload:completed': UploadChange & { readonly link: string };
  readonly 'upload:failed': UploadChange & { readonly failure: EventFailure };
  /** The host of the job is given nothing more for now. */
  readonly 'host:paused': {
    readonly host: string;
    /** `operator` is a pause of `pausedBy`; for all others the host gave reason. */
    readonly reason: PauseReason | 'operator' | (string & {});
    /** For how many milliseconds at most; null: until it is resumed. */
    readonly forMs: number | null;
    readonly at: string;
  };
  readonly 'host:resumed': { readonly host: string; readonly at: string };
  /** An operator has paused everything. */
  readonly 'queue:paused': { readonly at: string };
  readonly 'queue:resumed': { readonly at: string };
}

/** The name of an event of a stream. */
export type EventName = keyof EventData;

/** Why an upload did not work. */
export interface EventFailure {
  readonly code: Failure['code'] | (string & {});
  readonly message: string;
}

import type { PauseReason } from './budget.ts';
import type { Failure } from './failure.ts';
import type { ImageFacts, JobSummary, Metadata } from './job.ts';
import type { LostReason } from './lease.ts';

/** What every event of an upload has. */
export interface UploadEvent {
  readonly jobId: string;
  /** The upload's place in its job, from 0. */
  readonly index: number;
  readonly url: string;
  /** Which attempt this is, from 1. */
  readonly attempt: number;
  readonly metadata?: Metadata;
}

/**
 * What an uploader tells, by the name of the event. Each is told once, by the process that did the work; take every
 * listener away and the work still gets done.
 */
export interface UploaderEvents {
  /** A submit was accepted and is kept. Told by the process that submitted. */
  'job:created': { readonly jobId: string; readonly job: JobSummary };
  /** The first upload of the job was claimed. */
  'job:started': { readonly jobId: string; readonly metadata?: Metadata };
  /** The last upload of the job was settled, whether complete or failed. Told again after each retry of the job. */
  'job:finished': { readonly jobId: string; readonly job: JobSummary };
  /** An attempt began. */
  'upload:started': UploadEvent;
  /** Bytes have left for the host: at the beginning, at the end, and at most four times a second between. */
  'upload:progressed': UploadEvent & { readonly sentBytes: number; readonly totalBytes: number };
  /** It did not work and will be tried again: `where` says within this attempt, or in a later one. */
  'upload:retried': UploadEvent & {
    readonly failure: Failure;
    readonly delayMs: number;
    readonly where: 'attempt' | 'queue';
  };
  /** The image has its link. */
  'upload:completed': UploadEvent &
    ImageFacts & {
      readonly link: string;
      readonly possiblyDuplicated: boolean;
      readonly reused: boolean;
      readonly durationMs: number;
    };
  /** The upload ended without a link. */
  'upload:failed': UploadEvent & { readonly failure: Failure };
  /** This process was too late, or the job was cancelled: whatever it did does not count. */
  'upload:lost': UploadEvent & { readonly reason: LostReason };
  /** The host is given nothing more for now; `forMs` is for how long at most, where that is known. */
  'host:paused': { readonly host: string; readonly reason: PauseReason; readonly forMs: number };
  /** The host is given uploads again. */
  'host:resumed': { readonly host: string };
  /** Something went wrong that no caller could be told of: a listener that threw, a store that was away. */
  error: { readonly error: unknown; readonly during: string };
}

/** The name of an event. */
export type UploaderEventName = keyof UploaderEvents;

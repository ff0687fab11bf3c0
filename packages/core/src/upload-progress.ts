import type { Lease } from './lease.ts';

/** How far the upload that a lease holds is. */
export interface LeaseProgress {
  readonly lease: Lease;
  /** How many bytes have left for the host. */
  readonly sentBytes: number;
  /** How many there are. */
  readonly totalBytes: number;
}

/** How far an upload was, as a store passes it on: a hint that is kept nowhere. */
export interface UploadProgress {
  readonly jobId: string;
  /** The upload's place in its job, from 0. */
  readonly index: number;
  readonly url: string;
  /** Which attempt this is, from 1. */
  readonly attempt: number;
  readonly sentBytes: number;
  readonly totalBytes: number;
  /** When, in milliseconds since 1970, by the store's clock. */
  readonly at: number;
}

/** That an upload was given back, as a store passes it on: how far it was counts no more. A hint that is kept nowhere. */
export interface ProgressEnd {
  readonly jobId: string;
  /** The upload's place in its job, from 0. */
  readonly index: number;
  /** When, in milliseconds since 1970, by the store's clock. What was told until then is over. */
  readonly at: number;
}

/** What is told of progress among the events of a job. It has no id: nobody can go on after it. */
export type UploadProgressed = UploadProgress & { readonly type: 'upload:progressed' };

const events = new WeakMap<UploadProgress, UploadProgressed>();

/** What is told of it: one object for all who hear the same, so that whoever writes it down does so once. */
export function asEvent(progress: UploadProgress): UploadProgressed {
  const known = events.get(progress);
  if (known !== undefined) return known;
  const event = { type: 'upload:progressed', ...progress } as const;
  events.set(progress, event);
  return event;
}

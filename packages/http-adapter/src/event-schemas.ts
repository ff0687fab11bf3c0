import * as v from 'valibot';

import type { Failure, JobStatus, PausedBy } from '@imgferry/core';
import type { JobView } from './job-view.ts';

/** A job as events show it: chosen by name, so that nothing else of it leaves. All times are ISO 8601 in UTC. */
export interface JobFacts {
  readonly id: string;
  /** The name of the host that its images go to. */
  readonly host: string;
  readonly status: JobStatus;
  readonly created: string;
  readonly started: string | null;
  readonly finished: string | null;
  readonly total: number;
  readonly waiting: number;
  readonly claimed: number;
  readonly complete: number;
  readonly failed: number;
  /** Of those complete: how many the host may hold twice. */
  readonly possiblyDuplicated: number;
  /** Whether anything in `pausedBy` holds it up. */
  readonly paused: boolean;
  readonly pausedBy: readonly PausedBy[];
  readonly cancelled: boolean;
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
}

/** The name of an event of a stream. */
export type EventName = keyof EventData;

/** Why an upload did not work. */
export interface EventFailure {
  readonly code: Failure['code'] | (string & {});
  readonly message: string;
}

const time = v.pipe(v.string(), v.isoTimestamp());
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const uuid = v.pipe(v.string(), v.uuid());
const urls = v.array(v.string());
const status = v.picklist(['pending', 'in-progress', 'complete']);

const job = v.strictObject({
  id: uuid,
  host: v.string(),
  status,
  created: time,
  started: v.nullable(time),
  finished: v.nullable(time),
  total: count,
  waiting: count,
  claimed: count,
  complete: count,
  failed: count,
  possiblyDuplicated: count,
  paused: v.boolean(),
  pausedBy: v.array(v.picklist(['job', 'host', 'queue'])),
  cancelled: v.boolean(),
});

const view = v.strictObject({
  id: uuid,
  created: time,
  finished: v.nullable(time),
  status,
  uploaded: v.strictObject({ pending: urls, complete: urls, failed: urls }),
});

const change = { jobId: uuid, at: time };
const upload = { ...change, index: count, url: v.string() };
const failure = v.strictObject({ code: v.string(), message: v.string() });

/** The same as valibot has it, for whoever describes the events to others. */
export const eventSchemas: { readonly [Name in EventName]: v.GenericSchema<EventData[Name]> } = {
  snapshot: v.strictObject({ job }),
  gap: v.strictObject({ job, view }),
  'job:created': v.strictObject({ ...change, job }),
  'job:started': v.strictObject(change),
  'job:finished': v.strictObject({ ...change, job }),
  'job:retried': v.strictObject({ ...change, job }),
  'job:paused': v.strictObject({ ...change, job }),
  'job:resumed': v.strictObject({ ...change, job }),
  'upload:progressed': v.strictObject({
    ...upload,
    attempt: v.pipe(v.number(), v.integer(), v.minValue(1)),
    sentBytes: count,
    totalBytes: count,
  }),
  'upload:retried': v.strictObject({
    ...upload,
    at: time,
    failure,
    delayMs: v.pipe(v.number(), v.minValue(0)),
  }),
  'upload:completed': v.strictObject({ ...upload, link: v.string() }),
  'upload:failed': v.strictObject({ ...upload, failure }),
};

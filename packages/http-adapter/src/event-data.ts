import type { JobSummary, StoreEvent, UploadProgressed } from '@imgferry/core';
import type { EventData, EventName, JobFacts } from './event-views.ts';
import { isoTime } from './job-view.ts';

/** An event's name and data, as they belong together. */
export type NamedData = {
  readonly [Name in EventName]: { readonly name: Name; readonly data: EventData[Name] };
}[EventName];

/**
 * What a stream tells of an event of the store; `undefined` where it is nothing for a stream. Everything is chosen by
 * name: what a job asks of the host (an album may be named by its deletehash) and metadata stay inside.
 */
export function eventData(event: StoreEvent | UploadProgressed): NamedData | undefined {
  switch (event.type) {
    case 'job:created':
    case 'job:finished':
    case 'job:retried':
    case 'job:paused':
    case 'job:resumed':
      return { name: event.type, data: { ...changeOf(event), job: jobFacts(event.job) } };
    case 'job:started':
      return { name: event.type, data: changeOf(event) };
    case 'upload:completed':
      return { name: event.type, data: { ...uploadOf(event), link: event.link } };
    case 'upload:failed':
      return { name: event.type, data: { ...uploadOf(event), failure: failureOf(event) } };
    case 'upload:retried': {
      const { delayMs } = event;
      return { name: event.type, data: { ...uploadOf(event), failure: failureOf(event), delayMs } };
    }
    case 'upload:progressed': {
      const { attempt, sentBytes, totalBytes } = event;
      return { name: event.type, data: { ...uploadOf(event), attempt, sentBytes, totalBytes } };
    }
    case 'host:paused': {
      const { host, reason, forMs, at } = event;
      return { name: event.type, data: { host, reason, forMs, at: isoTime(at) } };
    }
    case 'host:resumed':
      return { name: event.type, data: { host: event.host, at: isoTime(event.at) } };
    case 'queue:paused':
    case 'queue:resumed':
      return { name: event.type, data: { at: isoTime(event.at) } };
    default:
      return undefined;
  }
}

/** The facts of a job that leave. */
export function jobFacts(job: JobSummary): JobFacts {
  const { id, host, status, total, waiting, claimed, complete, failed } = job;
  return {
    id,
    host,
    status,
    created: isoTime(job.createdAt),
    started: isoTimeOrNull(job.startedAt),
    finished: isoTimeOrNull(job.finishedAt),
    total,
    waiting,
    claimed,
    complete,
    failed,
    possiblyDuplicated: job.possiblyDuplicated,
    paused: job.paused,
    pausedBy: job.pausedBy,
    cancelled: job.cancelled,
  };
}

type Told<Type extends StoreEvent['type']> = Extract<StoreEvent, { readonly type: Type }>;

function changeOf({ jobId, at }: { readonly jobId: string; readonly at: number }): EventData['job:started'] {
  return { jobId, at: isoTime(at) };
}

function uploadOf({
  jobId,
  index,
  url,
  at,
}: Told<`upload:${'completed' | 'failed' | 'retried'}`> | UploadProgressed) {
  return { jobId, index, url, at: isoTime(at) };
}

function failureOf({
  failure,
}: Told<'upload:failed' | 'upload:retried'>): EventData['upload:failed']['failure'] {
  return { code: failure.code, message: failure.message };
}

function isoTimeOrNull(atMs: number | null): string | null {
  return atMs === null ? null : isoTime(atMs);
}

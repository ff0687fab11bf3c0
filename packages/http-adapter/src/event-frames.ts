import { Buffer } from 'node:buffer';

import type { JobSummary, StoreEvent, UploadProgressed } from '@imgferry/core';
import { eventData, jobFacts, type NamedData } from './event-data.ts';
import { encodePlace } from './event-place.ts';

// The format is that of WHATWG HTML, 9.2.5 and 9.2.6. JSON has no line ends of its own, so one `data` line is enough.

/** A comment, which keeps proxies from taking a quiet stream for a dead one (WHATWG HTML, 9.2.7). */
export const heartbeat: Buffer = Buffer.from(':\n\n');

const leastRetryMs = 2_000;
const mostRetryMs = 5_000;

/** After how long to come back. Different for each, so that those who were cut off together do not return together. */
export function retryFrame(): Buffer {
  return Buffer.from(`retry: ${Math.round(leastRetryMs + Math.random() * (mostRetryMs - leastRetryMs))}\n\n`);
}

/** How a job is as its stream begins. It has no id: who is cut off before the first event begins again. */
export function snapshotFrame(job: JobSummary): Buffer {
  return frame({ name: 'snapshot', data: { job: jobFacts(job) } });
}

/** The end of a job that was not heard as an event. */
export function finishedFrame(job: JobSummary, finishedAt: number): Buffer {
  const facts = jobFacts(job);
  const data = { jobId: job.id, at: facts.finished ?? facts.created, job: facts };
  return frame({ name: 'job:finished', data }, encodePlace({ after: undefined, finishedAt }));
}

/**
 * That events were missed, with how the job is now. It has no id: who is cut off before the next event is told so again,
 * because what it was told last is still as far back.
 */
export function gapFrame(job: JobSummary, viewAsJson: string): Buffer {
  return Buffer.from(`event: gap\ndata: {"job":${JSON.stringify(jobFacts(job))},"view":${viewAsJson}}\n\n`);
}

const written = new WeakMap<StoreEvent | UploadProgressed, Buffer | null>();

/** An event as its frame, written once for all who hear it; `undefined` where it is nothing for a stream. */
export function eventFrame(event: StoreEvent | UploadProgressed): Buffer | undefined {
  let known = written.get(event);
  if (known === undefined) {
    known = write(event) ?? null;
    written.set(event, known);
  }
  return known ?? undefined;
}

function write(event: StoreEvent | UploadProgressed): Buffer | undefined {
  const named = eventData(event);
  if (named === undefined) return undefined;
  // What passes in a moment has no place in history.
  if (event.type === 'upload:progressed') return frame(named);
  const finishedAt = event.type === 'job:finished' ? (event.job.finishedAt ?? undefined) : undefined;
  return frame(named, encodePlace({ after: event.id, finishedAt }));
}

function frame({ name, data }: NamedData, id?: string): Buffer {
  const idLine = id === undefined ? '' : `id: ${id}\n`;
  return Buffer.from(`event: ${name}\n${idLine}data: ${JSON.stringify(data)}\n\n`);
}

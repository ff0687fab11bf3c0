import { setTimeout as sleep } from 'node:timers/promises';

import { StoreUnavailableError } from './errors.ts';
import { EventReader } from './event-reader.ts';
import type { JobSummary } from './job.ts';
import type { Store } from './store.ts';

/** What waiting for a job needs to know. */
export interface JobFinishedParts {
  readonly store: Store;
  /** How often the state of the job is read although no event asks for it. */
  readonly pollMs: number;
  readonly signal?: AbortSignal;
}

/**
 * Waits for a job to be complete. Subscribes first, then reads the state, then waits: whatever happens between is
 * heard. Reads it every `pollMs` all the same, and goes on waiting while the store is away.
 */
export async function jobFinished(jobId: string, parts: JobFinishedParts): Promise<JobSummary | undefined> {
  const { store, signal } = parts;
  signal?.throwIfAborted();
  const enough = new AbortController();
  const either = signal === undefined ? enough.signal : AbortSignal.any([signal, enough.signal]);
  const reader = new EventReader(store.events({ jobId, signal: either }));
  try {
    let job = await store.get(jobId);
    while (job !== undefined && job.status !== 'complete') {
      await untilConcerned(reader, parts);
      signal?.throwIfAborted();
      job = await lookAgain(job, store);
    }
    return job;
  } finally {
    enough.abort();
  }
}

/** Until an event says that the job has finished, or that events were missed, or it is time to look anyway. */
async function untilConcerned(reader: EventReader, { pollMs, signal }: JobFinishedParts): Promise<void> {
  const until = performance.now() + pollMs;
  while (signal?.aborted !== true) {
    const leftMs = Math.max(0, until - performance.now());
    const read = await reader.read(leftMs);
    if (read.status === 'quiet') return;
    if (read.status === 'ended') return rest(leftMs, signal);
    const { event } = read;
    if (event.type === 'gap' || event.type === 'job:finished') return;
    if (leftMs === 0) return;
  }
}

async function rest(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(ms, undefined, signal === undefined ? {} : { signal }).catch(() => {});
}

async function lookAgain(job: JobSummary, store: Store): Promise<JobSummary | undefined> {
  try {
    return await store.get(job.id);
  } catch (error) {
    if (error instanceof StoreUnavailableError) return job;
    throw error;
  }
}

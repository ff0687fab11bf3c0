import type { JobSummary } from './job.ts';
import type { Store } from './store.ts';
import type { StoreEvent } from './store-event.ts';

/**
 * Waits for a job to be complete. Subscribes first, then reads the state, then waits: whatever happens between is
 * heard.
 */
export async function jobFinished(
  jobId: string,
  store: Store,
  signal?: AbortSignal,
): Promise<JobSummary | undefined> {
  signal?.throwIfAborted();
  const enough = new AbortController();
  const events = store
    .events({ signal: signal === undefined ? enough.signal : AbortSignal.any([signal, enough.signal]) })
    [Symbol.asyncIterator]();
  try {
    for (let next = events.next(); ; next = events.next()) {
      // Looked at below; until then a stream that breaks is no unhandled rejection.
      next.catch(() => {});
      const job = await store.get(jobId);
      if (job === undefined || job.status === 'complete') return job;
      await untilConcerned(jobId, events, next);
      signal?.throwIfAborted();
    }
  } finally {
    enough.abort();
  }
}

/** Until an event says that the job has finished, or that events were missed, or the stream ends. */
async function untilConcerned(
  jobId: string,
  events: AsyncIterator<StoreEvent>,
  first: Promise<IteratorResult<StoreEvent>>,
): Promise<void> {
  for (let result = await first; result.done !== true; result = await events.next()) {
    const { value } = result;
    if (value.type === 'gap' || (value.type === 'job:finished' && value.jobId === jobId)) return;
  }
}

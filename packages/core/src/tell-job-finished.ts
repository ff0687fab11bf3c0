import { setTimeout as sleep } from 'node:timers/promises';

import { StoreUnavailableError } from './errors.ts';
import type { Tell } from './event-hub.ts';
import type { JobSummary } from './job.ts';
import type { ResolvedOptions } from './options.ts';
import type { Store } from './store.ts';

const firstPauseMs = 100;
const longestPauseMs = 3_200;

/**
 * Tells `job:finished` with the job as it is kept. For the one process that finished it: nobody else will tell, so a
 * store that is away is asked again for some seconds.
 */
export async function tellJobFinished(
  jobId: string,
  { options, tell }: { readonly options: Pick<ResolvedOptions, 'store'>; readonly tell: Tell },
): Promise<void> {
  try {
    const job = await readPatiently(jobId, options.store);
    if (job !== undefined) tell('job:finished', { jobId, job });
  } catch (error) {
    tell('error', { error, during: `reading job ${jobId}, which has finished` });
  }
}

async function readPatiently(jobId: string, store: Store): Promise<JobSummary | undefined> {
  for (let pauseMs = firstPauseMs; ; pauseMs *= 2) {
    try {
      return await store.get(jobId);
    } catch (error) {
      if (!(error instanceof StoreUnavailableError) || pauseMs > longestPauseMs) throw error;
      await sleep(pauseMs);
    }
  }
}

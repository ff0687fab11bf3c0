import type { Tell } from './event-hub.ts';
import type { ResolvedOptions } from './options.ts';

/** Tells `job:finished` with the job as it is kept. For the one process that finished it. */
export async function tellJobFinished(
  jobId: string,
  { options, tell }: { readonly options: Pick<ResolvedOptions, 'store'>; readonly tell: Tell },
): Promise<void> {
  try {
    const job = await options.store.get(jobId);
    if (job !== undefined) tell('job:finished', { jobId, job });
  } catch (error) {
    tell('error', { error, during: `reading job ${jobId}, which has finished` });
  }
}

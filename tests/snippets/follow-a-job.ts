import type { Uploader } from '@imgferry/core';

/** How the README of core hears of a job that another process works on. */
export async function followAJob(
  uploader: Uploader,
  jobId: string,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  // #region follow
  for await (const event of uploader.follow(jobId, { signal })) {
    if (event.type === 'upload:completed') log(`${event.url} is now ${event.link}`);
    if (event.type === 'job:finished') log(`${event.job.complete} complete, ${event.job.failed} failed`);
  }
  // #endregion follow
}

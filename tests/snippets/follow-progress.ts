import type { Uploader } from '@imgferry/core';

/** How the README of core hears how far the uploads of a job are. */
export async function followProgress(
  uploader: Uploader,
  jobId: string,
  show: (url: string, share: number) => void,
  signal: AbortSignal,
): Promise<void> {
  // #region progress
  for await (const event of uploader.follow(jobId, { progress: true, signal })) {
    if (event.type === 'upload:progressed') show(event.url, event.sentBytes / event.totalBytes);
    if (event.type === 'upload:completed') show(event.url, 1);
  }
  // #endregion progress
}

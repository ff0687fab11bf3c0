import type { Uploader, UploadStatus } from '@imgferry/core';

/** How the README of core counts what is settled, also when it has missed events. */
export async function countSettled(
  uploader: Uploader,
  jobId: string,
  show: (settled: number) => void,
  options: { readonly after?: string; readonly signal: AbortSignal },
): Promise<void> {
  // #region count
  const statuses: UploadStatus[] = [];
  const events = uploader.follow(jobId, options);
  const read = async () => {
    const mapping = await uploader.mapping(jobId);
    let index = 0;
    for await (const { status } of mapping ?? []) statuses[index++] = status;
  };
  await read();
  for await (const event of events) {
    if (event.type === 'upload:completed') statuses[event.index] = 'complete';
    if (event.type === 'upload:failed') statuses[event.index] = 'failed';
    if (['gap', 'job:retried', 'job:finished'].includes(event.type)) await read();
    show(statuses.filter((status) => status === 'complete' || status === 'failed').length);
  }
  // #endregion count
}

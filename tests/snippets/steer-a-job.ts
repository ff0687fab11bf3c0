import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

import { type Uploader, writeMappingCsv } from '@imgferry/core';

/** How the README of core holds a job up, runs again what may pass, and ends it. */
export async function steerAJob(uploader: Uploader, jobId: string): Promise<void> {
  // #region steer
  await uploader.pause({ jobId });
  await uploader.resume({ jobId });
  await uploader.retry(jobId, { codes: ['source_timeout', 'source_unavailable'] });
  await uploader.cancel(jobId);
  // #endregion steer
}

/** How it puts the links where the URLs were. */
export async function replaceUrls(
  uploader: Uploader,
  jobId: string,
  replace: (url: string, link: string) => Promise<void>,
): Promise<void> {
  // #region mapping
  const mapping = (await uploader.mapping(jobId, { status: 'complete' })) ?? [];
  for await (const { url, link } of mapping) if (link !== null) await replace(url, link);
  // #endregion mapping
}

/** How it keeps the mapping as a file. */
export async function saveMapping(uploader: Uploader, jobId: string, path: string): Promise<void> {
  // #region csv
  const mapping = await uploader.mapping(jobId);
  if (mapping !== undefined) await pipeline(writeMappingCsv(mapping), createWriteStream(path));
  // #endregion csv
}

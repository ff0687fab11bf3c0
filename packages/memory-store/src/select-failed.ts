import type { RetrySelection } from '@imgferry/core';
import type { JobRecord } from './job-record.ts';

/**
 * Parts a job's failed uploads into those that are selected and the others. After a cancel that is everything without
 * a link, so it reads the whole job; otherwise only what failed.
 */
export function selectFailed(
  job: JobRecord,
  { urls, codes }: RetrySelection,
): { readonly selected: readonly number[]; readonly rest: number[] } {
  const wantedUrls = urls === undefined ? undefined : new Set(urls.map((url) => url.toWellFormed()));
  const wantedCodes = codes === undefined ? undefined : new Set<string>(codes);
  const selected: number[] = [];
  const rest: number[] = [];
  for (const index of job.cancelled ? job.urls.keys() : job.backlog.failed) {
    const upload = job.read(index);
    if (upload?.status !== 'failed') continue;
    const isSelected =
      (wantedUrls?.has(job.urls[index] ?? '') ?? true) &&
      (wantedCodes?.has(upload.failure?.code ?? '') ?? true);
    (isSelected ? selected : rest).push(index);
  }
  return { selected, rest };
}

import type { ProgressEnd, UploadProgress } from '@imgferry/core';

/** The longest message that is looked at, in characters: a URL and some numbers. */
const LONGEST = 100_000;

/** The latest time that a `Date` can have (ECMA-262, 21.4.1.1). */
const LATEST = 8.64e15;

/** Reads what was published of a job's progress; `undefined` when it is no such thing. Whoever has this Redis can publish. */
export function readProgress(jobId: string, message: string): UploadProgress | ProgressEnd | undefined {
  if (message.length > LONGEST) return undefined;
  const { index, ended, url, attempt, sentBytes, totalBytes, at } = parsed(message);
  if (ended === true) return isCount(index) && isCount(at) ? { jobId, index, at } : undefined;
  if (typeof url !== 'string') return undefined;
  if (!isCount(index) || !isCount(attempt) || !isCount(sentBytes) || !isCount(totalBytes)) return undefined;
  if (!isCount(at) || at > LATEST) return undefined;
  return { jobId, index, url, attempt, sentBytes, totalBytes, at };
}

function parsed(message: string): Partial<Record<keyof UploadProgress | 'ended', unknown>> {
  try {
    return Object(JSON.parse(message));
  } catch {
    return {};
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

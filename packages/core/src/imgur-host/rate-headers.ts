import type { BucketReading } from '../budget.ts';
import type { ImgurBuckets } from './imgur-buckets.ts';

/** Headers by their names in lower case. */
export type ReplyHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** Imgur counts in credits where it counts applications and users, and an upload costs ten. */
const creditsPerUpload = 10;
const hourMs = 3_600_000;
const shortestResetMs = 1_000;
const longestResetMs = 31 * 24 * hourMs;

/** Below this a reset is seconds from now, above it seconds since 1970: Imgur sends either under the same name. */
const firstEpoch = 10_000_000;

/**
 * Reads what a reply tells about the limits, in uploads. A bucket whose count is missing or makes no sense is not
 * mentioned. Resets are read by the local clock, because a reply often has a duration where an epoch is documented.
 */
export function readRateHeaders(
  headers: ReplyHeaders,
  buckets: ImgurBuckets,
  nowMs: number,
): BucketReading[] {
  const read = (bucket: string, prefix: string, cost: number, usualResetMs: number): BucketReading[] => {
    const remaining = count(headers[`${prefix}remaining`]);
    if (remaining === undefined) return [];
    const limit = Math.floor((count(headers[`${prefix}limit`]) ?? 0) / cost);
    const resetInMs = resetFrom(headers[`${prefix}reset`], nowMs) ?? usualResetMs;
    return [{ bucket, remaining: Math.floor(remaining / cost), ...(limit > 0 ? { limit } : {}), resetInMs }];
  };
  return [
    ...read(buckets.client, 'x-ratelimit-client', creditsPerUpload, untilNextDayMs(nowMs)),
    ...read(buckets.user, 'x-ratelimit-user', creditsPerUpload, hourMs),
    ...(buckets.post === undefined ? [] : read(buckets.post, 'x-post-rate-limit-', 1, hourMs)),
  ];
}

/** How long it is to the next day of UTC, when Imgur forgets how much an application has used. */
export function untilNextDayMs(nowMs: number): number {
  const dayMs = 24 * hourMs;
  return Math.max(shortestResetMs, dayMs - (nowMs % dayMs));
}

/** The one value of a header, or the first of several. */
export function headerText(value: string | string[] | undefined): string | undefined {
  return typeof value === 'object' ? value[0] : value;
}

/** Below zero is empty. */
function count(value: string | string[] | undefined): number | undefined {
  const text = headerText(value)?.trim() ?? '';
  return /^-?\d{1,12}$/.test(text) ? Math.max(0, Number(text)) : undefined;
}

function resetFrom(value: string | string[] | undefined, nowMs: number): number | undefined {
  const text = headerText(value)?.trim() ?? '';
  if (!/^\d{1,12}$/.test(text)) return undefined;
  const seconds = Number(text);
  const resetInMs = seconds < firstEpoch ? seconds * 1_000 : seconds * 1_000 - nowMs;
  return Math.min(longestResetMs, Math.max(shortestResetMs, resetInMs));
}

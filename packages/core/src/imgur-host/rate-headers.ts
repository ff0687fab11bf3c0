import type { BucketReading } from '../budget.ts';
import type { ImgurBuckets } from './imgur-buckets.ts';

/** Headers by their names in lower case. */
export type ReplyHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** Imgur counts in credits where it counts applications and users, and an upload costs ten. */
const creditsPerUpload = 10;
const hourMs = 3_600_000;
const shortestResetMs = 1_000;
const dayMs = 24 * hourMs;

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
  const read = (
    bucket: string,
    prefix: string,
    { cost, windowMs, usualResetMs, isStrict }: Counting,
  ): BucketReading[] => {
    const remaining = count(headers[`${prefix}remaining`]);
    if (remaining === undefined) return [];
    const limit = Math.floor((count(headers[`${prefix}limit`]) ?? 0) / cost);
    const left = Math.floor(remaining / cost);
    const toldMs = resetFrom(headers[`${prefix}reset`], nowMs) ?? usualResetMs;
    const isWrong = left === 0 && toldMs <= 0 && isStrict;
    const resetInMs = isWrong ? usualResetMs : toldMs;
    return [
      { bucket, remaining: left, ...(limit > 0 ? { limit } : {}), resetInMs: within(resetInMs, windowMs) },
    ];
  };
  const daily = {
    cost: creditsPerUpload,
    windowMs: dayMs,
    usualResetMs: untilNextDayMs(nowMs),
    isStrict: true,
  };
  const hourly = { windowMs: hourMs, usualResetMs: hourMs, isStrict: false };
  return [
    ...read(buckets.client, 'x-ratelimit-client', daily),
    ...read(buckets.user, 'x-ratelimit-user', { ...hourly, cost: creditsPerUpload }),
    ...(buckets.post === undefined ? [] : read(buckets.post, 'x-post-rate-limit-', { ...hourly, cost: 1 })),
  ];
}

/** How a bucket is counted. */
interface Counting {
  /** Of one upload. */
  readonly cost: number;
  /** No reset is further away. */
  readonly windowMs: number;
  /** When none is told. */
  readonly usualResetMs: number;
  /** To run into it is punished: an empty one whose reset has passed is not tried for. */
  readonly isStrict: boolean;
}

function within(resetInMs: number, windowMs: number): number {
  return Math.min(windowMs, Math.max(shortestResetMs, resetInMs));
}

/** How long it is to the next day of UTC, when Imgur forgets how much an application has used. */
export function untilNextDayMs(nowMs: number): number {
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

/** From now, in milliseconds; not above zero when it has passed. */
function resetFrom(value: string | string[] | undefined, nowMs: number): number | undefined {
  const text = headerText(value)?.trim() ?? '';
  if (!/^\d{1,12}$/.test(text)) return undefined;
  const seconds = Number(text);
  return seconds < firstEpoch ? seconds * 1_000 : seconds * 1_000 - nowMs;
}

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
  const readings: BucketReading[] = [];
  for (const counting of countings) {
    const bucket = buckets[counting.bucket];
    const reading = bucket === undefined ? undefined : read(headers, bucket, counting, nowMs);
    if (reading !== undefined) readings.push(reading);
  }
  return readings;
}

/** How a bucket is counted. */
interface Counting {
  readonly bucket: 'client' | 'user' | 'post';
  /** The headers that tell of it. */
  readonly remaining: string;
  readonly limit: string;
  readonly reset: string;
  /** Of one upload. */
  readonly cost: number;
  /** No reset is further away. */
  readonly windowMs: number;
  /** When none is told. */
  readonly usualResetMs: (nowMs: number) => number;
  /** To run into it is punished: an empty one whose reset has passed is not tried for. */
  readonly isStrict: boolean;
}

const daily = { cost: creditsPerUpload, windowMs: dayMs, usualResetMs: untilNextDayMs, isStrict: true };
const hourly = { windowMs: hourMs, usualResetMs: () => hourMs, isStrict: false };
const countings: readonly Counting[] = [
  { bucket: 'client', ...headersOf('x-ratelimit-client'), ...daily },
  { bucket: 'user', ...headersOf('x-ratelimit-user'), ...hourly, cost: creditsPerUpload },
  { bucket: 'post', ...headersOf('x-post-rate-limit-'), ...hourly, cost: 1 },
];

function headersOf(prefix: string): Pick<Counting, 'remaining' | 'limit' | 'reset'> {
  return { remaining: `${prefix}remaining`, limit: `${prefix}limit`, reset: `${prefix}reset` };
}

function read(
  headers: ReplyHeaders,
  bucket: string,
  counting: Counting,
  nowMs: number,
): BucketReading | undefined {
  const { cost, windowMs, isStrict } = counting;
  const allowed = count(headers[counting.remaining]);
  if (allowed === undefined) return undefined;
  const remaining = Math.floor(allowed / cost);
  const toldMs = resetFrom(headers[counting.reset], nowMs);
  const isWrong = toldMs === undefined || (remaining === 0 && toldMs <= 0 && isStrict);
  const resetInMs = within(isWrong ? counting.usualResetMs(nowMs) : toldMs, windowMs);
  const limit = Math.floor((count(headers[counting.limit]) ?? 0) / cost);
  return limit > 0 ? { bucket, remaining, limit, resetInMs } : { bucket, remaining, resetInMs };
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

import { randomUUID } from 'node:crypto';

import { checkHostName } from './check-host-name.ts';
import { InvalidOptionError } from './errors.ts';
import type { Host } from './host.ts';
import { type ImageTransform, type ResolvedTransform, sourceLimits } from './image-transform.ts';
import { type Logger, safeLogger } from './logger.ts';
import { checkOptionNames, type OptionNames } from './option-names.ts';
import type { Source } from './source.ts';
import type { Store } from './store.ts';
import { isWorkerId } from './worker-id.ts';

/** What an uploader is made of, and its settings. */
export interface UploaderOptions {
  /** Keeps the jobs. Stays the caller's to close. */
  readonly store: Store;
  /** Where images are read from. Stays the caller's to close. */
  readonly source: Source;
  /** Where they go. Stays the caller's to close. */
  readonly host: Host;
  /** Makes of an image another one, which is uploaded in its place. @default none: images are uploaded as they are */
  readonly transform?: ImageTransform;
  /** How many uploads this process runs at once. @default 8 */
  readonly concurrency?: number;
  /** For how long a claimed upload is this worker's without a sign of life, in milliseconds. @default 15000 */
  readonly leaseMs?: number;
  /** How often it gives that sign; at most half of `leaseMs`. @default a third of leaseMs */
  readonly heartbeatMs?: number;
  /** How often an upload is taken up before it fails for good, counted anew by each retry of the job. @default 3 */
  readonly maxAttempts?: number;
  /** The pause before the second attempt, in milliseconds; each further one is three times as long. @default 10000 */
  readonly attemptDelayMs?: number;
  /** How often an attempt tries again what passes in seconds. @default 2 */
  readonly retries?: number;
  /** The pause before the first such retry, in milliseconds; each further one is four times as long. @default 1000 */
  readonly retryDelayMs?: number;
  /** The longest wait that a Retry-After is granted, in milliseconds. @default 3600000 (1 hour) */
  readonly maxRetryAfterMs?: number;
  /** For how long `stop` lets transfers finish before it hands them back, in milliseconds. @default 8000 */
  readonly drainTimeoutMs?: number;
  /** How often an idle worker looks for work although nothing woke it, in milliseconds. @default 5000 */
  readonly pollMs?: number;
  /** The most URLs in one job. @default 10000 */
  readonly maxUrls?: number;
  /** The longest URL, in characters. @default 8192 */
  readonly maxUrlLength?: number;
  /** Submits and retries with which more uploads would wait in the store are refused. @default 1000000 */
  readonly maxWaiting?: number;
  /** For how long an idempotency key is remembered, in milliseconds. @default 86400000 (24 hours) */
  readonly idempotencyTtlMs?: number;
  /**
   * For how long the link of an image is remembered by its bytes, in milliseconds: an upload of the same bytes to the
   * same host, with the same options of its job, then takes that link and nothing is sent. At most ten years; 0
   * remembers nothing. Deleting an image breaks its link for all that took it: keep this shorter than you keep images.
   * @default 0
   */
  readonly rememberImagesMs?: number;
  /** The shortest time between two `upload:progressed` of one upload, in milliseconds. @default 250 */
  readonly progressMs?: number;
  /** Names this worker in the fleet. @default a UUID */
  readonly workerId?: string;
  /** Takes log lines; pino fits. @default warnings and errors to the console */
  readonly logger?: Logger;
}

const names = {
  store: true,
  source: true,
  host: true,
  transform: true,
  concurrency: true,
  leaseMs: true,
  heartbeatMs: true,
  maxAttempts: true,
  attemptDelayMs: true,
  retries: true,
  retryDelayMs: true,
  maxRetryAfterMs: true,
  drainTimeoutMs: true,
  pollMs: true,
  maxUrls: true,
  maxUrlLength: true,
  maxWaiting: true,
  idempotencyTtlMs: true,
  rememberImagesMs: true,
  progressMs: true,
  workerId: true,
  logger: true,
} satisfies OptionNames<UploaderOptions>;

/** The options with every default filled in and every value checked. */
export type ResolvedOptions = Required<Omit<UploaderOptions, 'transform'>> & {
  readonly transform: ResolvedTransform | undefined;
};

/**
 * Fills in the defaults and refuses what can not work.
 * @throws InvalidOptionError
 */
export function resolveOptions(options: UploaderOptions): ResolvedOptions {
  checkOptionNames(options, names);
  const { store, source, host } = options;
  const transform = options.transform === undefined ? undefined : resolveTransform(options.transform);
  requireParts({ store, source, host, transform });
  const rememberImagesMs = whole('rememberImagesMs', options.rememberImagesMs ?? 0, 0, tenYearsMs);
  if (rememberImagesMs > 0) requireRecall(store);
  const leaseMs = whole('leaseMs', options.leaseMs ?? 15_000, 1);
  return {
    store,
    source,
    host,
    transform,
    concurrency: whole('concurrency', options.concurrency ?? 8, 1, maxSlots),
    leaseMs,
    heartbeatMs: heartbeat(options.heartbeatMs ?? Math.max(1, Math.floor(leaseMs / 3)), leaseMs),
    maxAttempts: whole('maxAttempts', options.maxAttempts ?? 3, 1, 100),
    attemptDelayMs: whole('attemptDelayMs', options.attemptDelayMs ?? 10_000, 0),
    retries: whole('retries', options.retries ?? 2, 0, 100),
    retryDelayMs: whole('retryDelayMs', options.retryDelayMs ?? 1_000, 0),
    maxRetryAfterMs: whole('maxRetryAfterMs', options.maxRetryAfterMs ?? 3_600_000, 0),
    drainTimeoutMs: whole('drainTimeoutMs', options.drainTimeoutMs ?? 8_000, 0),
    pollMs: whole('pollMs', options.pollMs ?? 5_000, 1),
    maxUrls: whole('maxUrls', options.maxUrls ?? 10_000, 1),
    maxUrlLength: whole('maxUrlLength', options.maxUrlLength ?? 8_192, 1),
    maxWaiting: whole('maxWaiting', options.maxWaiting ?? 1_000_000, 1),
    idempotencyTtlMs: whole('idempotencyTtlMs', options.idempotencyTtlMs ?? 86_400_000, 1),
    rememberImagesMs,
    progressMs: whole('progressMs', options.progressMs ?? 250, 0),
    workerId: workerId(options.workerId ?? randomUUID()),
    logger: safeLogger(options.logger),
  };
}

/** The most uploads that one worker runs at once. */
export const maxSlots = 10_000;

/** The longest delay a Node timer can hold, in milliseconds; a longer one would fire at once. */
export const longestTimerMs: number = 2 ** 31 - 1;

/** The longest that anything is remembered. */
const tenYearsMs = 10 * 365 * 24 * 3_600_000;

/** Refuses what is not a whole number in a range. */
export function whole(option: string, value: number, least: number, most: number = longestTimerMs): number {
  if (!Number.isInteger(value) || value < least || value > most)
    throw new InvalidOptionError(option, `is ${value}; it must be a whole number from ${least} to ${most}`);
  return value;
}

type Parts = Pick<ResolvedOptions, 'store' | 'source' | 'host' | 'transform'>;

function requireParts({ store, source, host, transform }: Parts): void {
  if (typeof store?.create !== 'function') throw new InvalidOptionError('store', 'is missing or not a Store');
  if (typeof source?.open !== 'function')
    throw new InvalidOptionError('source', 'is missing or not a Source');
  if (typeof host?.upload !== 'function') throw new InvalidOptionError('host', 'is missing or not a Host');
  checkHostName('host.name', host.name);
  const largest = Math.max(0, ...Object.values(sourceLimits(host, transform).maxBytes));
  const held = source.maxHeldBytes;
  const taker = transform === undefined ? host.name : `${host.name} or the transform`;
  if (held !== undefined && held < largest)
    throw new InvalidOptionError(
      'source',
      `can hold ${held} bytes of a body without a length and ${taker} takes images of ${largest}`,
    );
}

/** A store from before there was such a method can not say, at no image. */
function requireRecall(store: Store): void {
  if (typeof store.recall !== 'function')
    throw new InvalidOptionError('rememberImagesMs', 'wants a store that has `recall`');
}

function resolveTransform(transform: ImageTransform): ResolvedTransform {
  if (typeof transform?.transform !== 'function')
    throw new InvalidOptionError('transform', 'is not an ImageTransform');
  const sizes = Object.entries(transform.maxBytes ?? {});
  if (sizes.length === 0)
    throw new InvalidOptionError('transform.maxBytes', 'lists no type, so it would never run');
  for (const [type, bytes] of sizes) {
    if (!/^[a-z]+\/[a-z0-9.+-]+$/.test(type))
      throw new InvalidOptionError(
        'transform.maxBytes',
        `lists ${JSON.stringify(type)}, which is no media type`,
      );
    whole(`transform.maxBytes of ${type}`, bytes, 1, Number.MAX_SAFE_INTEGER);
  }
  return {
    maxBytes: Object.fromEntries(sizes),
    timeoutMs: whole('transform.timeoutMs', transform.timeoutMs ?? 60_000, 1),
    transform: (image, given) => transform.transform(image, given),
  };
}

function heartbeat(heartbeatMs: number, leaseMs: number): number {
  if (leaseMs > 1 && heartbeatMs > leaseMs / 2)
    throw new InvalidOptionError(
      'heartbeatMs',
      `is ${heartbeatMs}; it must be at most half of leaseMs (${leaseMs})`,
    );
  return whole('heartbeatMs', heartbeatMs, 1);
}

function workerId(id: string): string {
  if (isWorkerId(id)) return id;
  throw new InvalidOptionError(
    'workerId',
    "must be 1 to 128 letters, digits or . : @ _ -, and not 'all', '.' or '..'",
  );
}

import { checkOptionNames, InvalidOptionError, type OptionNames } from '@imgferry/core';

const DAY_MS = 24 * 60 * 60_000;

/** What a {@link MemoryStore} can be told. */
export interface MemoryStoreOptions {
  /** For how long a finished job is kept, in milliseconds. Its links stay. @default 7 days */
  readonly retentionMs?: number;
  /** How many events are kept for those who come back after a while. @default 10_000 */
  readonly maxEvents?: number;
  /** How many links are kept, the newest. @default unlimited */
  readonly maxLinks?: number;
  /** How many images are remembered by their bytes, those that are kept longest. @default 100_000 */
  readonly maxImages?: number;
  /**
   * Tells the time in milliseconds since 1970. For tests that move it by hand.
   * @default the time at which the process started, moved on by a clock that nobody can set
   */
  readonly clock?: () => number;
}

const names = {
  retentionMs: true,
  maxEvents: true,
  maxLinks: true,
  maxImages: true,
  clock: true,
} satisfies OptionNames<MemoryStoreOptions>;

/** The same with nothing left open. */
export type ResolvedOptions = Required<MemoryStoreOptions>;

/** Fills in the defaults and refuses what can not work. */
export function resolveOptions(options: MemoryStoreOptions): ResolvedOptions {
  checkOptionNames(options, names);
  const { retentionMs = 7 * DAY_MS, maxEvents = 10_000, maxLinks = Number.POSITIVE_INFINITY } = options;
  const { maxImages = 100_000, clock = steadyTime } = options;
  if (!(retentionMs >= 1))
    throw new InvalidOptionError('retentionMs', `is ${retentionMs}; it must be a number from 1`);
  refuseUnlessCount('maxEvents', maxEvents);
  refuseUnlessCount('maxImages', maxImages);
  if (typeof clock !== 'function') throw new InvalidOptionError('clock', 'is not a function');
  if (maxLinks !== Number.POSITIVE_INFINITY) refuseUnlessCount('maxLinks', maxLinks);
  return { retentionMs, maxEvents, maxLinks, maxImages, clock };
}

/** Setting the machine's clock must neither end all leases nor keep them for ever. */
function steadyTime(): number {
  return Math.floor(performance.timeOrigin + performance.now());
}

function refuseUnlessCount(option: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 1) return;
  throw new InvalidOptionError(option, `is ${value}; it must be a whole number from 1`);
}

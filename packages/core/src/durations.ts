/**
 * Durations are counted in buckets, so that any number of them takes the same room and those of many machines can be
 * added up. These are the longest that fall into each bucket, in milliseconds; a last bucket takes all that are longer.
 */
export const durationBoundsMs: readonly number[] = Object.freeze([
  50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 120_000, 300_000,
]);

/** How many durations fell into each bucket. */
export interface Durations {
  /** One more than there are {@link durationBoundsMs}, and in their order. */
  readonly counts: readonly number[];
  /** Of all of them together, in milliseconds. */
  readonly sumMs: number;
}

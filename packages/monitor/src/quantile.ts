import { type Durations, durationBoundsMs } from '@imgferry/core';

/**
 * The duration that so many of a hundred are no longer than, in milliseconds: by interpolation in its bucket, as
 * Prometheus does it (histogram_quantile). Of those longer than the last bound only the bound is known. null without any.
 */
export function quantileMs({ counts }: Durations, share: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  const rank = share * total;
  let below = 0;
  for (const [at, upper] of durationBoundsMs.entries()) {
    const count = counts[at] ?? 0;
    if (count > 0 && below + count >= rank) {
      const lower = durationBoundsMs[at - 1] ?? 0;
      return Math.round(lower + ((upper - lower) * (rank - below)) / count);
    }
    below += count;
  }
  return durationBoundsMs.at(-1) ?? null;
}

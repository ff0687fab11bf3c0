import { describe, expect, it } from 'vitest';

import { durationBoundsMs } from '@imgferry/core';
import { quantileMs } from '../src/quantile.ts';
import { minuteViews } from '../src/read/overview.ts';

const counts = (...filled: [bucket: number, count: number][]): { counts: number[]; sumMs: number } => {
  const all = Array<number>(durationBoundsMs.length + 1).fill(0);
  for (const [bucket, count] of filled) all[bucket] = count;
  return { counts: all, sumMs: 0 };
};

describe('a percentile of durations', () => {
  it.each([
    ['of none is null', counts(), 0.5, null],
    ['lies between the bounds of its bucket', counts([1, 10]), 0.5, 75],
    ['is that of the bucket that it falls into', counts([0, 50], [3, 50]), 0.95, 475],
    ['of all in the first bucket begins at nothing', counts([0, 4]), 0.5, 25],
    ['of those longer than the last bound is that bound', counts([0, 1], [12, 9]), 0.99, 300_000],
    ['without buckets is null', { counts: [], sumMs: 0 }, 0.5, null],
  ])('%s', (_rule, durations, share, expected) => {
    expect(quantileMs(durations, share)).toBe(expected);
  });
});

describe('the minutes', () => {
  const minute = (
    at: number,
  ): {
    at: number;
    complete: number;
    failed: number;
    bytes: number;
    durations: ReturnType<typeof counts>;
  } => ({
    at,
    complete: 1,
    failed: 0,
    bytes: 1,
    durations: counts([1, 10]),
  });

  it('are sixty up to now, also those in which nothing happened', () => {
    const views = minuteViews({ minutes: [minute(60_000 * 1_000)], at: 60_000 * 1_010 + 5 });
    expect(views).toHaveLength(60);
    expect(views.at(-1)).toEqual({
      at: 60_000 * 1_010,
      complete: 0,
      failed: 0,
      bytes: 0,
      p50Ms: null,
      p95Ms: null,
      p99Ms: null,
    });
    expect(views.find(({ complete }) => complete === 1)).toMatchObject({ at: 60_000 * 1_000, p50Ms: 75 });
  });

  it('end with the newest of the store, whose clock may be ahead of ours', () => {
    expect(minuteViews({ minutes: [minute(60_000 * 1_000)], at: 60_000 * 990 }).at(-1)?.complete).toBe(1);
  });
});

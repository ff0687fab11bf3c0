import { describe, expect, it } from 'vitest';

import { median, percentile, slope } from '../src/statistics.ts';

describe('the median', () => {
  it('is the middle of figures in any order', () => {
    expect(median([9, 1, 5])).toBe(5);
  });

  it('is the mean of the two in the middle of an even number', () => {
    expect(median([10, 2, 4, 100])).toBe(7);
  });

  it('does not exist of nothing', () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

describe('the percentile', () => {
  const hundred = Array.from({ length: 100 }, (_, at) => 100 - at);

  it('is the smallest figure that so many of a hundred are not above', () => {
    expect(percentile(hundred, 99)).toBe(99);
    expect(percentile(hundred, 50)).toBe(50);
  });

  it('is the largest of figures that are too few', () => {
    expect(percentile([3, 1, 2], 99)).toBe(3);
  });

  it('does not exist of nothing', () => {
    expect(() => percentile([], 99)).toThrow(RangeError);
  });
});

describe('the slope', () => {
  it('is by how much a straight line rises', () => {
    expect(slope([100, 103, 106, 109])).toBeCloseTo(3);
  });

  it('is none where figures only go up and down', () => {
    expect(slope([5, 9, 5, 9, 5])).toBeCloseTo(0);
  });
});

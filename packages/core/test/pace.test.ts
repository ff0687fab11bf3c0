import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Pace } from '../src/pace.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

/** So many that end one after the other, so many milliseconds apart. */
function ends(pace: Pace, count: number, apartMs: number): void {
  for (let at = 0; at < count; at += 1) {
    vi.advanceTimersByTime(apartMs);
    pace.ended();
  }
}

describe('the pace at which uploads end', () => {
  it('is nothing before any has', () => {
    expect(new Pace().within(1_000)).toBe(0);
  });

  it('says how many end in a while when it goes on like that', () => {
    const pace = new Pace();
    ends(pace, 5_000, 0.25);
    expect(pace.within(5)).toBe(20);
    ends(pace, 100, 50);
    expect(pace.within(5)).toBe(0);
  });

  it('is forgotten when nothing ends any more', () => {
    const pace = new Pace();
    ends(pace, 5_000, 0.25);
    vi.advanceTimersByTime(1_000);
    expect(pace.within(5)).toBe(0);
  });

  it('says how many begin while two claims are answered, but not of more than a tenth of a second', () => {
    const pace = new Pace();
    ends(pace, 5_000, 0.25);
    expect(pace.ahead).toBe(20);
    for (let claim = 0; claim < 50; claim += 1) pace.claimed(10);
    expect(pace.ahead).toBe(79);
    for (let claim = 0; claim < 50; claim += 1) pace.claimed(1_000);
    expect(pace.ahead).toBe(pace.within(100));
  });

  it('is not taken from one that ended alone', () => {
    const pace = new Pace();
    ends(pace, 1, 1_000);
    expect(pace.within(5)).toBe(0);
  });
});

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { SourceClock } from '../../src/http-source/source-clock.ts';

describe('a least rate', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
  afterEach(() => void vi.useRealTimers());

  /** Waits for so many bytes, and answers why it gave up. */
  function clockOf(totalMs: number): {
    clock: SourceClock;
    wait: (ms: number, bytes: number) => string | undefined;
  } {
    const clock = new SourceClock(totalMs);
    let late: string | undefined;
    const wait = (ms: number, bytes: number): string | undefined => {
      clock.start(15_000, 'the next bytes', ({ message }) => {
        late = message;
      });
      vi.advanceTimersByTime(ms);
      clock.stop();
      clock.credit(bytes);
      return late;
    };
    return { clock, wait };
  }

  test('is on average: a source may be behind by so much and no further', () => {
    const { clock, wait } = clockOf(1e6);
    clock.demand(1_000, 30_000);
    for (let count = 0; count < 3; count += 1) expect(wait(10_000, 1_000)).toBeUndefined();
    expect(wait(2_999, 0)).toBeUndefined();
    expect(wait(1, 0)).toBe('the image came at less than 1000 bytes per second');
  });

  test('is kept by a source that comes as fast, however long it takes', () => {
    const { clock, wait } = clockOf(1e6);
    clock.demand(1_000, 30_000);
    for (let count = 0; count < 90; count += 1) expect(wait(10_000, 10_000)).toBeUndefined();
  });

  test('is no credit for more than that: what came fast at first does not pay for silence', () => {
    const { clock, wait } = clockOf(1e6);
    clock.demand(1_000, 20_000);
    wait(1, 1e9);
    wait(14_000, 0);
    expect(wait(5_999, 0)).toBeUndefined();
    expect(wait(1, 0)).toContain('1000 bytes per second');
  });

  test('gives the total and the limit of one wait their own words', () => {
    const { clock, wait } = clockOf(50_000);
    clock.demand(1_000, 20_000);
    expect(wait(15_000, 20_000)).toBe('the next bytes did not come within 15000 ms');
    for (let count = 0; count < 3; count += 1) wait(10_000, 20_000);
    expect(wait(5_000, 0)).toBe('the image did not come within 50000 ms in all');
  });

  test('of 0 demands nothing', () => {
    const { clock, wait } = clockOf(1e6);
    clock.demand(0, 10);
    for (let count = 0; count < 50; count += 1) expect(wait(14_000, 0)).toBeUndefined();
  });
});

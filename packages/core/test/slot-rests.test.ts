import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { SlotRests } from '../src/slot-rests.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Rests of a worker with three slots, and how often one was told to be over. */
function setUp() {
  const onEnd = vi.fn();
  const rests = new SlotRests(onEnd);
  const busy = (count: number): void => {
    for (let each = 0; each < count; each += 1) rests.busy(3);
  };
  return { rests, onEnd, busy };
}

describe('slots', () => {
  it('do not rest before as many uploads as there are slots were busy', () => {
    const { rests, busy } = setUp();
    busy(3);
    expect(rests.size).toBe(0);
    busy(1);
    expect(rests.size).toBe(1);
  });

  it('do not rest while every other upload runs', () => {
    const { rests, busy } = setUp();
    for (let each = 0; each < 100; each += 1) {
      busy(2);
      rests.ran();
    }
    expect(rests.size).toBe(0);
  });

  it('end their rests one after another, each with a word', () => {
    const { rests, onEnd, busy } = setUp();
    busy(6);
    expect(rests.size).toBe(3);
    vi.advanceTimersByTime(20);
    expect([rests.size, onEnd.mock.calls.length]).toEqual([2, 1]);
    vi.advanceTimersByTime(20);
    expect([rests.size, onEnd.mock.calls.length]).toEqual([1, 2]);
  });

  it('rest for no more than a second, however many they are', () => {
    const { rests, busy } = setUp();
    busy(10_000);
    vi.advanceTimersByTime(1_000);
    expect(rests.size).toBe(0);
  });

  it('are woken when an upload runs', () => {
    const { rests, busy } = setUp();
    busy(3 + 3);
    rests.ran();
    expect(rests.size).toBe(1);
  });

  it('all end their rests at once, and leave no timer', () => {
    const { rests, onEnd, busy } = setUp();
    busy(20);
    rests.clear();
    expect([rests.size, vi.getTimerCount()]).toEqual([0, 0]);
    expect(onEnd).not.toHaveBeenCalled();
  });
});

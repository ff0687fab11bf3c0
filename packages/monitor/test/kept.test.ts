import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Kept } from '../src/read/kept.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

/** A reading of which each attempt is answered by hand. */
function readings() {
  const begun: PromiseWithResolvers<number>[] = [];
  const kept = new Kept(() => {
    const reading = Promise.withResolvers<number>();
    begun.push(reading);
    return reading.promise;
  }, 500);
  return { kept, begun };
}

describe('a reading that is kept', () => {
  it('is the same for all who want it within its time, and a new one afterwards', async () => {
    const { kept, begun } = readings();
    const first = kept.read();
    begun[0]?.resolve(1);
    await first;
    vi.advanceTimersByTime(499);
    expect(await kept.read()).toBe(1);
    vi.advanceTimersByTime(1);
    void kept.read();
    expect(begun).toHaveLength(2);
  });

  it('is begun once while it is under way, however long that takes', async () => {
    const { kept, begun } = readings();
    const all = [kept.read()];
    vi.advanceTimersByTime(60_000);
    all.push(kept.read());
    expect(begun).toHaveLength(1);
    begun[0]?.resolve(1);
    expect(await Promise.all(all)).toEqual([1, 1]);
    void kept.read();
    expect(begun).toHaveLength(2);
  });

  it('is begun anew after a change, and the one from before the change is given to nobody', async () => {
    const { kept, begun } = readings();
    const before = kept.read();
    kept.forget();
    const after = kept.read();
    begun[1]?.resolve(2);
    begun[0]?.reject(new Error('late'));
    await expect(before).rejects.toThrow('late');
    expect([await after, await kept.read()]).toEqual([2, 2]);
  });

  it('is not kept when it failed', async () => {
    const { kept, begun } = readings();
    const failed = kept.read();
    begun[0]?.reject(new Error('away'));
    await expect(failed).rejects.toThrow('away');
    void kept.read();
    expect(begun).toHaveLength(2);
  });

  it('fails as a promise does when the store throws at once', async () => {
    const kept = new Kept<never>(() => {
      throw new Error('away');
    }, 500);
    await expect(kept.read()).rejects.toThrow('away');
  });
});

import { afterEach, expect, it, vi } from 'vitest';

import type { BudgetState } from '../src/budget.ts';
import { HostWatch } from '../src/host-watch.ts';
import { silentLogger } from '../src/logger.ts';
import { resolveOptions } from '../src/options.ts';
import { createFakeHost, createFakeSource, ScriptedStore } from '../src/testing/index.ts';

afterEach(() => void vi.useRealTimers());

function aWatch() {
  vi.useFakeTimers({ toFake: ['performance'] });
  const told: unknown[] = [];
  let paused: BudgetState['paused'];
  const read = () => Promise.resolve({ allowed: 0, paused, buckets: [] });
  const options = resolveOptions({
    store: new ScriptedStore({ budget: { read } }),
    source: createFakeSource({}),
    host: createFakeHost({ budget: ['b'] }),
    logger: silentLogger,
  });
  const watch = new HostWatch(
    options,
    (name, event) => void told.push([name, 'forMs' in event && event.forMs]),
  );
  const looks = async (atMs: number, forMs: number) => {
    vi.advanceTimersByTime(atMs - performance.now());
    paused = { reason: 'unavailable', forMs };
    await watch.look();
    return told.splice(0);
  };
  vi.advanceTimersByTime(1_000 - performance.now());
  return looks;
}

it('tells a pause once, though its last millisecond is seen after it should have ended', async () => {
  const looks = aWatch();
  expect(await looks(1_000, 5_000)).toEqual([['host:paused', 5_000]]);
  expect(await looks(3_000, 3_000)).toEqual([]);
  expect(await looks(6_001, 1)).toEqual([]);
  expect(await looks(6_002, 10_000)).toEqual([['host:paused', 10_000]]);
});

it('tells a pause that has become longer when the end comes that was told', async () => {
  const looks = aWatch();
  expect(await looks(1_000, 1_000)).toEqual([['host:paused', 1_000]]);
  expect(await looks(1_500, 60_000)).toEqual([]);
  expect(await looks(2_001, 59_499)).toEqual([['host:paused', 59_499]]);
});

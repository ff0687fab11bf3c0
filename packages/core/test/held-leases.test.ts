import { describe, expect, it } from 'vitest';

import { HeldLeases, LeaseLost } from '../src/held-leases.ts';
import type { Queue } from '../src/queue.ts';
import { aLease, ScriptedStore } from '../src/testing/index.ts';

function held(extend: Queue['extend'], leaseMs = 60_000, heartbeatMs = 20_000) {
  const { queue } = new ScriptedStore({ queue: { extend } });
  return new HeldLeases({ queue, leaseMs, heartbeatMs });
}

const first = aLease({ index: 0, token: 1 });
const second = aLease({ index: 1, token: 2, jobId: 'job-2' });

describe('held leases', () => {
  it('are extended together, and those that are lost abort with the reason', async () => {
    const asked: unknown[] = [];
    const leases = held((...args) => {
      asked.push(args);
      return Promise.resolve([{ lease: second, reason: 'replaced' }]);
    });
    const [kept, lost] = [first, second].map((lease) => leases.add(lease, performance.now()));
    await leases.extend();
    expect(asked).toEqual([[[first, second], 60_000]]);
    expect(kept?.aborted).toBe(false);
    expect(lost?.reason).toMatchObject({ reason: 'replaced' });
    expect(lost?.reason).toBeInstanceOf(LeaseLost);
  });

  it('are told with the attempt and for how long they have been held, the oldest first', () => {
    const leases = held(() => Promise.resolve([]));
    leases.add({ ...first, attempt: 3 }, performance.now() - 5_000);
    leases.add(second, performance.now() + 5_000);
    const [told, ...others] = leases.told(1);
    const { jobId, index, url } = first;
    expect(told).toMatchObject({ jobId, index, url, attempt: 3 });
    expect(told?.forMs).toBeGreaterThanOrEqual(5_000);
    expect(others).toEqual([]);
    expect(leases.told(5)[1]?.forMs).toBe(0);
  });

  it('ask nothing of the store when there are none', async () => {
    const leases = held(() => Promise.reject(new Error('asked')));
    leases.add(first, performance.now());
    leases.drop(first);
    await leases.extend();
    expect(leases.size).toBe(0);
  });

  it('outlive a store that is away for one heartbeat', async () => {
    const leases = held(() => Promise.reject(new Error('away')));
    const signal = leases.add(first, performance.now());
    await expect(leases.extend()).rejects.toThrow('away');
    expect(signal.aborted).toBe(false);
  });

  it('are given up while they still hold, when the store was away too long to be sure of the next heartbeat', async () => {
    const leases = held(() => Promise.reject(new Error('away')));
    const signal = leases.add(first, performance.now() - 45_000);
    await expect(leases.extend()).rejects.toThrow('away');
    expect(signal.reason).toMatchObject({ reason: 'unknown' });
  });

  it('are not taken to be extended by a heartbeat that was on its way when they were claimed', async () => {
    const leases = held(() => {
      late = leases.add(second, performance.now() - 45_000);
      return Promise.resolve([]);
    });
    let late: AbortSignal | undefined;
    const asked = leases.add(first, performance.now() - 45_000);
    await leases.extend();
    expect(asked.aborted).toBe(false);
    expect(late?.reason).toMatchObject({ reason: 'unknown' });
  });

  it('of which the store knows none are answered as they are held, also where it tells of copies', async () => {
    const leases = held((asked) =>
      Promise.resolve(asked.map((lease) => ({ lease: { ...lease }, reason: 'unknown' }))),
    );
    leases.add(first, performance.now());
    const [unknown] = await leases.extend();
    expect(unknown).toBe(first);
  });

  it('do not hang with a store that does not answer', async () => {
    const leases = held(() => new Promise(() => {}), 100, 30);
    const signal = leases.add(first, performance.now() - 60);
    await expect(leases.extend()).rejects.toThrow('the store did not answer a heartbeat in time');
    expect(signal.aborted).toBe(true);
  });

  it('of one job end together when it is cancelled', () => {
    const leases = held(() => Promise.resolve([]));
    const [mine, other] = [first, second].map((lease) => leases.add(lease, performance.now()));
    const abort = leases.cancelling('job-1');
    const later = leases.add({ ...first, token: first.token + 100 }, performance.now());
    expect(mine?.aborted).toBe(false);
    abort();
    expect(later.aborted).toBe(false);
    expect(mine?.reason).toMatchObject({ reason: 'cancelled' });
    expect(other?.aborted).toBe(false);
  });
});

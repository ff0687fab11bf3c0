import { describe, expect, it } from 'vitest';

import type { PauseChange } from '../../src/store.ts';
import { aJobSummary, aLease, anUpload, ScriptedStore } from '../../src/testing/index.ts';

describe('a scripted store', () => {
  it('does what its script says', async () => {
    const lease = aLease();
    const store = new ScriptedStore({
      get: async (jobId) => aJobSummary({ id: jobId }),
      queue: { claim: async () => ({ leases: [lease], nextInMs: undefined, ended: [] }) },
    });

    expect(await store.get('job-7')).toMatchObject({ id: 'job-7' });
    const claimed = await store.queue.claim({ host: 'imgur', limit: 1, leaseMs: 1_000, workerId: 'worker' });
    expect(claimed.leases).toEqual([lease]);
  });

  it('fails with the name of a method that has no script', async () => {
    const store = new ScriptedStore({ queue: {} });
    await expect(store.settle([])).rejects.toThrow('settle is not scripted');
    await expect(store.queue.extend([], 1_000)).rejects.toThrow('queue.extend is not scripted');
    await expect(store.budget.read([])).rejects.toThrow('budget.read is not scripted');
    await expect(store.fleet.list()).rejects.toThrow('fleet.list is not scripted');
    expect(() => store.events({ signal: AbortSignal.timeout(1_000) })).toThrow('events is not scripted');
  });

  it('has every method of a store', async () => {
    const store = new ScriptedStore();
    const { queue, budget, fleet } = store;
    const promised = [
      () => store.create({ id: 'job-1', urls: [], host: 'imgur', options: {} }),
      () => store.get('job-1'),
      () => store.uploads('job-1'),
      () => store.list(),
      () => store.links(),
      () => store.deleteHashes('job-1'),
      () => store.settle([]),
      () => store.cancel('job-1'),
      () => store.retry('job-1'),
      () => store.pause('queue'),
      () => store.resume('queue'),
      () => store.stats(),
      () => store.close(),
      () => queue.claim({ host: 'imgur', limit: 1, leaseMs: 1, workerId: 'w' }),
      () => queue.extend([], 1),
      () => queue.release([]),
      () => queue.wait({ host: 'imgur', timeoutMs: 1, signal: new AbortController().signal }),
      () => budget.read([]),
      () => budget.observe({ scope: [], buckets: [] }),
      () => budget.charge(aLease()),
      () => fleet.leave('w'),
      () => fleet.list(),
      () => fleet.command('all', { type: 'drain' }),
    ];
    const outcomes = await Promise.allSettled(promised.map((call) => call()));
    expect(outcomes.map(({ status }) => status)).toEqual(promised.map(() => 'rejected'));
    expect(new Set(store.calls.map(({ method }) => method)).size).toBe(promised.length);
  });

  it('records every call with what it was given', async () => {
    const store = new ScriptedStore({ pause: async () => ({ changed: true }) });
    await store.pause('queue');
    await store.get('job-1').catch(() => {});
    await store.pause({ host: 'imgur' });
    expect(store.calls).toEqual([
      { method: 'pause', args: ['queue'] },
      { method: 'get', args: ['job-1'] },
      { method: 'pause', args: [{ host: 'imgur' }] },
    ]);
    expect(store.callsOf('pause')).toHaveLength(2);
  });

  it('lets a test wait for a call', async () => {
    const store = new ScriptedStore({ pause: async () => ({ changed: true }) });
    const twice = store.waitFor('pause', 2);
    await store.pause('queue');
    await store.pause({ jobId: 'job-1' });
    expect(await twice).toHaveLength(2);
  });

  it('keeps the script its own `this`', async () => {
    class Counting {
      count = 0;
      async pause(): Promise<PauseChange> {
        this.count += 1;
        return { changed: this.count > 1 };
      }
    }
    const store = new ScriptedStore(new Counting());
    const changes = [await store.pause('queue'), await store.pause('queue')];
    expect(changes).toEqual([{ changed: false }, { changed: true }]);
  });
});

describe('the builders', () => {
  it('take over what they are given', () => {
    expect(aLease({ index: 3, token: 9 })).toMatchObject({
      index: 3,
      token: 9,
      url: 'https://pictures.example/3.png',
    });
    expect(anUpload({ url: 'https://a.example/b.png' }).url).toBe('https://a.example/b.png');
  });

  it.each([
    [{}, 'pending'],
    [{ total: 3, claimed: 1 }, 'in-progress'],
    [{ total: 3, complete: 2 }, 'in-progress'],
    [{ total: 3, complete: 2, failed: 1 }, 'complete'],
    [{ complete: 2 }, 'complete'],
  ] as const)('make a job of %o %s', (facts, status) => {
    const job = aJobSummary(facts);
    expect(job.status).toBe(status);
    expect(job.waiting + job.claimed + job.complete + job.failed).toBe(job.total);
    expect([job.startedAt !== null, job.finishedAt !== null]).toEqual([
      status !== 'pending',
      status === 'complete',
    ]);
  });

  it.each(['waiting', 'claimed', 'complete', 'failed'] as const)('make a %s upload whole', (status) => {
    const upload = anUpload({ status });
    expect(upload.link !== null).toBe(status === 'complete');
    expect(upload.failure !== null).toBe(status === 'failed');
    expect(upload.finishedAt !== null).toBe(status === 'complete' || status === 'failed');
    expect(upload.attempts).toBe(status === 'waiting' ? 0 : 1);
  });
});

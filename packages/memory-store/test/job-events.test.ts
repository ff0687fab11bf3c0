import { expect, it, vi } from 'vitest';

import type { Lease } from '@imgferry/core';
import { MemoryStore } from '../src/index.ts';

const HOST = 'host';
const CLAIM = { host: HOST, limit: 1, leaseMs: 60_000, workerId: 'worker' };

/** What a follower of a job is told until it has finished, and how often it has waited for something. */
function follow(store: MemoryStore, jobId: string) {
  const { signal } = new AbortController();
  const { mock } = vi.spyOn(signal, 'addEventListener');
  const told: string[] = [];
  const events = store.events({ jobId, signal });
  const finished = (async () => {
    for await (const { type } of events) {
      told.push(type);
      if (type === 'job:finished') break;
    }
  })();
  return { told, finished, waits: () => mock.calls.length };
}

async function complete(store: MemoryStore, lease: Lease | undefined): Promise<void> {
  if (lease === undefined) return expect.fail('there is no lease');
  const outcome = { status: 'complete', link: 'https://l.example/1', bytes: 1, type: 'image/png' } as const;
  await store.settle([{ lease, posts: 1, outcome }]);
}

it('a thousand followers of a job sleep through 100,000 events of others, and are woken by its own alone', async () => {
  const store = new MemoryStore({ maxEvents: 100 });
  await store.create({ id: 'job', urls: ['https://a.example/1.png'], host: HOST, options: {} });
  await store.create({ id: 'another', urls: ['https://a.example/1.png'], host: 'another', options: {} });
  const followers = Array.from({ length: 1_000 }, () => follow(store, 'job'));
  const countWaits = () => followers.reduce((sum, { waits }) => sum + waits(), 0);
  const [lease] = (await store.queue.claim(CLAIM)).leases;
  for (let count = 0; count < 50_000; count += 1) {
    await store.pause({ jobId: 'another' });
    await store.resume({ jobId: 'another' });
  }
  // Each waited for the event that started the job, and waits for the next one.
  expect(countWaits()).toBe(2 * followers.length);
  await complete(store, lease);
  for (const { told, finished } of followers) {
    await finished;
    expect(told).toEqual(['job:started', 'upload:completed', 'job:finished']);
  }
  expect(countWaits()).toBeLessThanOrEqual(4 * followers.length);
  await store.close();
});

it('leaves nothing behind of those who have left', async () => {
  const store = new MemoryStore();
  await store.create({ id: 'job', urls: ['https://a.example/1.png'], host: HOST, options: {} });
  const ended = new AbortController();
  const { signal } = ended;
  const [added, removed] = [vi.spyOn(signal, 'addEventListener'), vi.spyOn(signal, 'removeEventListener')];
  const events = store.events({ jobId: 'job', signal })[Symbol.asyncIterator]();
  const next = events.next();
  const [lease] = (await store.queue.claim(CLAIM)).leases;
  await next;
  expect(removed).toHaveBeenCalledTimes(added.mock.calls.length);
  const last = events.next();
  ended.abort();
  expect((await last).done).toBe(true);
  expect(removed).toHaveBeenCalledTimes(added.mock.calls.length);
  // Nobody is there to be woken.
  await complete(store, lease);
  await store.close();
});

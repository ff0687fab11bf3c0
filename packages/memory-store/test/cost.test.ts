import { describe, expect, it } from 'vitest';

import type { Lease, NewJob } from '@imgferry/core';
import { Backlog } from '../src/backlog.ts';
import { MemoryStore } from '../src/index.ts';
import { IndexQueue } from '../src/index-queue.ts';
import { JobRecord } from '../src/job-record.ts';
import { Jobs } from '../src/jobs.ts';
import { Round } from '../src/round.ts';
import { TimeHeap } from '../src/time-heap.ts';

const CLASSES = [Map, Set, Backlog, IndexQueue, JobRecord, Jobs, Round, TimeHeap];

describe('what a step costs does not depend on what else is there', () => {
  it.each([
    ['a claim', (store: MemoryStore) => store.queue.claim(claimOf(1))],
    [
      'a claim that finds nothing',
      (store: MemoryStore) => store.queue.claim({ ...claimOf(1), host: 'other' }),
    ],
    ['creating a job', (store: MemoryStore) => store.create(newJob('another', 1))],
    ['a summary', (store: MemoryStore) => store.get('job 0')],
    ['cancelling a job', (store: MemoryStore) => store.cancel('job 0')],
    ['pausing a job', (store: MemoryStore) => store.pause({ jobId: 'job 1' })],
  ])('%s', async (_name, step) => {
    const few = await storeOf({ jobs: 10, urls: 10 });
    const many = await storeOf({ jobs: 1_000, urls: 500 });
    expect(await countCalls(() => step(many))).toBe(await countCalls(() => step(few)));
  });

  it.each([
    ['settling', settle],
    ['releasing', release],
    ['extending', (store: MemoryStore, lease: Lease) => store.queue.extend([lease], 1_000)],
  ])('%s a lease', async (_name, step) => {
    const few = await leased({ jobs: 10, urls: 10 });
    const many = await leased({ jobs: 1_000, urls: 500 });
    const calls = await countCalls(() => step(many.store, many.lease));
    expect(calls).toBe(await countCalls(() => step(few.store, few.lease)));
  });

  it('retrying a cancelled job, however much of it was tried before', async () => {
    const few = await cancelled(20);
    const many = await cancelled(20_000);
    expect(await countCalls(() => many.retry('job 0'))).toBe(await countCalls(() => few.retry('job 0')));
  });

  it('an upload that nobody touched has no record', () => {
    const job = new JobRecord(newJob('job', 1_000), 0);
    job.markCancelled(1);
    job.markRetried(2);
    for (let index = 0; index < 1_000; index += 1) expect(job.upload(index, false)?.status).toBe('waiting');
    expect(job.touched).toBe(0);
    job.touch(7);
    expect(job.touched).toBe(1);
  });
});

function newJob(id: string, urls: number): NewJob {
  return { id, urls: Array(urls).fill('https://a.example/1'), host: 'host', options: {} };
}

function claimOf(limit: number) {
  return { host: 'host', limit, leaseMs: 60_000, workerId: 'worker' };
}

async function storeOf({ jobs, urls }: { jobs: number; urls: number }): Promise<MemoryStore> {
  const store = new MemoryStore();
  for (let job = 0; job < jobs; job += 1) await store.create(newJob(`job ${job}`, urls));
  return store;
}

async function leased(size: { jobs: number; urls: number }) {
  const store = await storeOf(size);
  const [lease] = (await store.queue.claim(claimOf(1))).leases;
  if (lease === undefined) throw new Error('there is something to claim');
  return { store, lease };
}

/** Half of it was claimed: a quarter failed, a quarter waits for its next attempt. */
async function cancelled(urls: number): Promise<MemoryStore> {
  const store = await storeOf({ jobs: 1, urls });
  const { leases } = await store.queue.claim(claimOf(urls / 2));
  for (const [place, lease] of leases.entries()) await (place % 2 ? settle : release)(store, lease);
  await store.cancel('job 0');
  return store;
}

function settle(store: MemoryStore, lease: Lease) {
  const failure = { code: 'source_status', message: 'no' } as const;
  return store.settle([{ lease, outcome: { status: 'failed', failure }, posts: 0 }]);
}

function release(store: MemoryStore, lease: Lease) {
  return store.queue.release([{ lease, delayMs: 60_000, countAttempt: true, posts: 0 }]);
}

/** How often a step uses what the store is made of. A walk over jobs, uploads or leases would show. */
async function countCalls(step: () => Promise<unknown>): Promise<number> {
  let calls = 0;
  const restore = CLASSES.map(({ prototype }) => spyOn(prototype, () => (calls += 1)));
  try {
    await step();
  } finally {
    for (const undo of restore) undo();
  }
  return calls;
}

function spyOn(prototype: object, onCall: () => void): () => void {
  const before = Object.getOwnPropertyDescriptors(prototype);
  for (const [name, descriptor] of Object.entries(before)) {
    const { value } = descriptor;
    if (typeof value !== 'function' || name === 'constructor') continue;
    const counted = function (this: unknown, ...args: unknown[]) {
      onCall();
      return Reflect.apply(value, this, args);
    };
    Object.defineProperty(prototype, name, { ...descriptor, value: counted });
  }
  return () => Object.defineProperties(prototype, before);
}

import { randomUUID } from 'node:crypto';

import type { FailureCode, Lease, NewJob, SettleRequest, Store } from '@imgferry/core';

const host = 'imgur';
const newest = 1_000;
const uploadsOfTheNewest = 10;
const atOnce = 250;
const batch = 500;
const codes: readonly FailureCode[] = ['source_status', 'source_timeout', 'not_an_image', 'too_large'];

/**
 * Fills a store with so many jobs: of one upload, done, one in twenty failed; the newest 1,000 of ten, of which half are
 * done, some are held and the rest waits. Answers the id of the newest.
 */
export async function manyJobs(store: Store, jobs: number): Promise<string> {
  await create(store, jobs - newest, 1);
  while (await work(store));
  const id = await create(store, newest, uploadsOfTheNewest);
  for (let done = 0; done < (newest * uploadsOfTheNewest) / 2; done += batch) await work(store);
  await store.queue.claim({ host, limit: 64, leaseMs: 3_600_000, workerId: 'w-1' });
  for (let each = 0; each < 10; each += 1) await store.fleet.beat(reportOf(each), 3_600_000);
  await store.pause({ jobId: id });
  return id;
}

async function create(store: Store, count: number, uploads: number): Promise<string> {
  let id = '';
  for (let left = count; left > 0; left -= atOnce) {
    const made = Array.from({ length: Math.min(left, atOnce) }, () => jobOf(uploads));
    await Promise.all(made.map((job) => store.create(job)));
    id = made.at(-1)?.id ?? id;
  }
  return id;
}

function jobOf(uploads: number): NewJob {
  const id = randomUUID();
  const urls = Array.from({ length: uploads }, (_, at) => `https://pictures.example/albums/${id}/${at}.jpg`);
  return { id, urls, host, options: {} };
}

async function work(store: Store): Promise<boolean> {
  const { leases } = await store.queue.claim({ host, limit: batch, leaseMs: 3_600_000, workerId: 'w-1' });
  if (leases.length > 0) await store.settle(leases.map(requestFor));
  return leases.length > 0;
}

function requestFor(lease: Lease): SettleRequest {
  const token = Number(lease.token);
  const code = token % 20 === 0 ? codes[(token / 20) % codes.length] : undefined;
  if (code !== undefined)
    return {
      lease,
      posts: 0,
      outcome: { status: 'failed', failure: { code, message: `for a reason: ${code}` } },
    };
  const facts = { bytes: 50_000, type: 'image/jpeg', width: 1_024, height: 768 };
  const link = `https://i.imgur.com/${token.toString(36)}.jpg`;
  return { lease, posts: 1, outcome: { status: 'complete', link, deleteHash: 'abcdefghijklmno', ...facts } };
}

function reportOf(each: number): Parameters<Store['fleet']['beat']>[0] {
  return {
    id: `w-${each}`,
    hostname: `machine-${each}`,
    pid: 4_000 + each,
    version: '0.0.0',
    state: 'online',
    slots: 8,
    running: 0,
    holds: [],
    complete: 9_000,
    failed: 450,
    retried: 20,
    memoryBytes: 100_000_000,
    load: 0.3,
    settings: { concurrency: 8, leaseMs: 15_000 },
  };
}

import { randomUUID } from 'node:crypto';

import type { Lease, NewJob, SettleRequest, Store } from '@imgferry/core';

const host = 'imgur';
const urlsPerJob = 10_000;
const batch = 500;

/** How many uploads of a job end how; the others wait. */
export interface Ends {
  readonly uploads: number;
  readonly complete: number;
  readonly failed: number;
}

/** Puts a job into a store whose uploads are at their ends, and answers its id. Nothing else may wait there. */
export async function settledJob(store: Store, { uploads, complete, failed }: Ends): Promise<string> {
  const id = await create(store, uploads);
  let settled = 0;
  while (settled < complete + failed) {
    const limit = Math.min(batch, complete + failed - settled);
    const { leases } = await store.queue.claim({ host, limit, leaseMs: 600_000, workerId: 'w-1' });
    if (leases.length === 0) throw new Error('nothing more is handed out');
    await store.settle(
      leases.map((lease) => (lease.index % 10 === 0 && failed > 0 ? failing(lease) : completing(lease))),
    );
    settled += leases.length;
  }
  return id;
}

/** Puts so many links into a store. */
export async function settledLinks(store: Store, count: number): Promise<void> {
  for (let left = count; left > 0; left -= urlsPerJob) {
    const uploads = Math.min(left, urlsPerJob);
    await settledJob(store, { uploads, complete: uploads, failed: 0 });
  }
}

async function create(store: Store, uploads: number): Promise<string> {
  const id = randomUUID();
  const urls = Array.from(
    { length: uploads },
    (_, at) => `https://pictures.example/a-folder-of-some-length/${at}.jpg`,
  );
  const job: NewJob = { id, urls, host, options: {} };
  await store.create(job);
  return id;
}

function completing(lease: Lease): SettleRequest {
  const link = `https://i.imgur.com/${Number(lease.token).toString(36).padStart(7, 'A')}.jpg`;
  const facts = { bytes: 50_000, type: 'image/jpeg', width: 1_024, height: 768 };
  return { lease, posts: 1, outcome: { status: 'complete', link, deleteHash: 'abcdefghijklmno', ...facts } };
}

function failing(lease: Lease): SettleRequest {
  const failure = { code: 'source_status', message: 'the source answered with 404' } as const;
  return { lease, posts: 0, outcome: { status: 'failed', failure } };
}

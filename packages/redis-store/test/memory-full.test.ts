import { randomUUID } from 'node:crypto';

import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';

import {
  type Lease,
  type NewJob,
  type SettleRequest,
  StoreUnavailableError,
  silentLogger,
} from '@imgferry/core';
import { type RedisServer, startRedisServer } from '../../../tests/setup/redis-server.ts';
import { checkInvariants, RedisStore } from '../src/index.ts';

const HOST = 'host';
const NO_MEMORY = new StoreUnavailableError('Redis has no memory left to write');
const WORKER = {
  id: 'worker',
  hostname: 'machine',
  pid: 1,
  version: '0.0.0',
  state: 'online',
  slots: 4,
  complete: 0,
  failed: 0,
  retried: 0,
  holds: [],
  settings: {},
  running: 0,
  memoryBytes: 1,
  load: 0,
} as const;

let server: RedisServer;
let admin: Redis;
let options: { url: string; namespace: string };
let store: RedisStore;
let jobId: string;
let leases: readonly Lease[];

beforeAll(async () => {
  server = await startRedisServer();
  admin = new Redis(server.url);
});

afterAll(async () => {
  admin.disconnect();
  await server.close();
});

beforeEach(async () => {
  options = { url: server.url, namespace: `test-${randomUUID()}` };
  store = new RedisStore({ ...options, logger: silentLogger });
  const job = jobOf(5);
  jobId = job.id;
  await store.create(job);
  leases = (await claim(4)).leases;
  await admin.config('SET', 'maxmemory', '1mb');
});

afterEach(async () => {
  await admin.config('SET', 'maxmemory', '0');
  await store.close();
});

function jobOf(count: number): NewJob {
  const urls = Array.from({ length: count }, (_, index) => `https://a.example/${index}.png`);
  return { id: randomUUID(), urls, host: HOST, options: {} };
}

function claim(limit: number): ReturnType<RedisStore['queue']['claim']> {
  return store.queue.claim({ host: HOST, limit, leaseMs: 60_000, workerId: 'worker' });
}

function completed(lease: Lease): SettleRequest {
  const link = `https://links.example/${lease.index}`;
  const remember = { digest: `image ${lease.index}`, ttlMs: 60_000 };
  return { lease, outcome: { status: 'complete', link, bytes: 1, type: 'image/png', remember }, posts: 1 };
}

function lease(place: number): Lease {
  return leases[place] ?? expect.fail();
}

it.each<[what: string, step: () => Promise<unknown>]>([
  ['a new job', () => store.create(jobOf(1))],
  ['a new job of many URLs', () => store.create(jobOf(2_500))],
  ['a claim', () => claim(1)],
  ['a retry', () => store.retry(jobId)],
])('without memory %s is refused, and the reason is said', async (_what, step) => {
  if (_what === 'a retry') await failOne();
  await expect(step()).rejects.toThrow(NO_MEMORY);
});

it('without memory what was begun is brought to its end', async () => {
  expect(await store.settle([completed(lease(0))])).toEqual([{ status: 'settled', jobFinished: false }]);
  expect(await store.queue.extend([lease(1)], 60_000)).toEqual([]);
  await store.queue.release([{ lease: lease(1), delayMs: 0, countAttempt: true, posts: 0 }]);
  expect(await store.budget.charge(lease(2))).toBe(true);
  await store.budget.observe({ scope: [HOST], buckets: [] });
  expect(await store.get(jobId)).toMatchObject({ complete: 1, claimed: 2, waiting: 2 });
  expect(await store.recall('image 0')).toBe('https://links.example/0');
});

it('without memory a job can be read, and what is kept can be listed', async () => {
  expect((await store.uploads(jobId))?.items).toHaveLength(5);
  expect((await store.list()).items).toHaveLength(1);
  expect((await store.links()).items).toEqual([]);
  expect((await store.stats()).queue).toMatchObject({ waiting: 1, claimed: 4 });
  expect(await store.fleet.list()).toEqual([]);
});

it('without memory the fleet can be steered: a job cancelled, work paused, workers told and heard', async () => {
  expect(await store.fleet.beat(WORKER, 5_000)).toEqual([]);
  expect(await store.fleet.command({ workerId: 'worker' }, { type: 'drain' })).toBe(1);
  expect(await store.fleet.beat(WORKER, 5_000)).toEqual([{ type: 'drain' }]);
  await store.fleet.leave('worker');
  for (const what of ['queue', { host: HOST }, { jobId }] as const) {
    expect(await store.pause(what)).toMatchObject({ changed: true });
    expect(await store.resume(what)).toMatchObject({ changed: true });
  }
  expect(await store.cancel(jobId)).toMatchObject({
    jobFinished: true,
    job: { status: 'complete', failed: 5 },
  });
});

it('once there is memory again all goes on', async () => {
  await store.settle(leases.map(completed));
  await expect(claim(1)).rejects.toThrow(NO_MEMORY);
  await admin.config('SET', 'maxmemory', '0');
  await store.settle((await claim(1)).leases.map(completed));
  expect(await store.get(jobId)).toMatchObject({ status: 'complete', complete: 5 });
  expect((await store.create(jobOf(1))).status).toBe('created');
  expect((await checkInvariants({ ...options, logger: silentLogger })).violations).toEqual([]);
});

async function failOne(): Promise<void> {
  const failure = { code: 'source_status', message: 'it was 404' } as const;
  await store.settle([{ lease: lease(0), outcome: { status: 'failed', failure }, posts: 0 }]);
}

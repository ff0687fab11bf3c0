import { randomUUID } from 'node:crypto';

import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';

import type { Lease, NewJob } from '@imgferry/core';
import { type RedisServer, startRedisServer } from '../../../tests/setup/redis-server.ts';
import { RedisStore } from '../src/index.ts';

const HOST = 'imgur';
const URL_BYTES = 67;
const UPLOADS = 100_000;
const REMEMBERED = 20_000;

// A server of its own: what others do on a shared one would be counted too.
let server: RedisServer;
let admin: Redis;
let store: RedisStore;

beforeAll(async () => {
  server = await startRedisServer();
  admin = new Redis(server.url);
  store = new RedisStore({ url: server.url, timeoutMs: 30_000 });
  await store.ready();
});
afterAll(async () => {
  await store.close();
  admin.disconnect();
  await server.close();
});

it('of 100,000 URLs in one job each costs at most 80 bytes beside itself while it waits, and 200 with it at rest', {
  timeout: 60_000,
}, async () => {
  const job = jobOf(UPLOADS);
  expect(job.urls.every((url) => url.length === URL_BYTES)).toBe(true);
  const empty = await usedBytes();
  await store.create(job);
  expect(((await usedBytes()) - empty) / UPLOADS - URL_BYTES).toBeLessThanOrEqual(80);
  const roundTrips = await roundTripsOf(() => workThrough(64));
  expect(roundTrips / UPLOADS).toBeLessThanOrEqual(0.1);
  expect(await store.get(job.id)).toMatchObject({ status: 'complete', complete: UPLOADS });
  // The history has a bound of its own, whatever passes through.
  const historyBytes = Number(await admin.memory('USAGE', '{imgferry}:events'));
  expect(((await usedBytes()) - empty - historyBytes) / UPLOADS).toBeLessThanOrEqual(200);
});

it('an upload that is alone costs two round trips', async () => {
  await store.create(jobOf(50));
  expect(await roundTripsOf(() => workThrough(1))).toBeLessThanOrEqual(2 * 50 + 1);
});

it('an image that is remembered costs at most 250 bytes', { timeout: 60_000 }, async () => {
  const costOf = async (ttlMs?: number): Promise<number> => {
    await store.create(jobOf(REMEMBERED));
    const before = await allBytes();
    await workThrough(1_000, ttlMs);
    return (await allBytes()) - before;
  };
  // The first to come also fill the history, up to its bound.
  await costOf();
  const without = await costOf();
  expect(((await costOf(86_400_000)) - without) / REMEMBERED).toBeLessThanOrEqual(250);
  expect(await store.recall(`${'x'.repeat(42)}0`)).toMatch(/^https/);
});

function jobOf(count: number): NewJob {
  const urls = Array.from({ length: count }, (_, index) =>
    `https://pictures.example/a-folder-of-some-length/${index}/`.padEnd(URL_BYTES - 4, 'x').concat('.jpg'),
  );
  return { id: randomUUID(), urls, host: HOST, options: {} };
}

async function workThrough(limit: number, ttlMs?: number): Promise<void> {
  for (;;) {
    const { leases } = await store.queue.claim({ host: HOST, limit, leaseMs: 60_000, workerId: 'worker' });
    if (leases.length === 0) return;
    await store.settle(leases.map((lease) => settlementOf(lease, ttlMs)));
  }
}

function settlementOf(lease: Lease, ttlMs?: number): Parameters<RedisStore['settle']>[0][number] {
  const link = `https://i.imgur.com/${String(lease.token).slice(-7)}.jpg`;
  const digest = String(lease.index).padStart(43, 'x');
  const facts = {
    ...{ bytes: 123_456, type: 'image/jpeg', width: 1_024, height: 768 },
    ...(ttlMs === undefined ? {} : { remember: { digest, ttlMs } }),
  };
  return { lease, posts: 1, outcome: { status: 'complete', link, deleteHash: 'aaaaabbbbbccccc', ...facts } };
}

async function allBytes(): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await admin.info('memory'))?.[1]);
}

/** Without what connections hold for a moment. */
async function usedBytes(): Promise<number> {
  return Number(/used_memory_dataset:(\d+)/.exec(await admin.info('memory'))?.[1]);
}

async function roundTripsOf(work: () => Promise<void>): Promise<number> {
  const before = await evalCalls();
  await work();
  return (await evalCalls()) - before;
}

async function evalCalls(): Promise<number> {
  const stats = await admin.info('commandstats');
  const calls = [...stats.matchAll(/cmdstat_eval(?:sha)?:calls=(\d+)/g)];
  return calls.reduce((sum, [, count]) => sum + Number(count), 0);
}

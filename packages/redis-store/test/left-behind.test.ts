import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, it } from 'vitest';

import type { Lease } from '@imgferry/core';
import { type RedisServer, startRedisServer } from '../../../tests/setup/redis-server.ts';
import { checkInvariants, RedisStore } from '../src/index.ts';
import { MovedClock, moveClockByHand } from './moved-clock.ts';
import { fillRichly, HOST, LEASE_MS } from './rich-namespace.ts';

moveClockByHand();

const NAMESPACE = 'rich';
const PREFIX = `{${NAMESPACE}}:`;
const RETENTION_MS = 70_000;
const HOUR_MS = 3_600_000;
/** What stays for good, and the clock of the test. */
const KEPT = [
  ...['clock', 'durations', 'events', 'failures', 'hosts', 'links', 'meta', 'minutes', 'outcomes'],
  ...['steered', 'totals'],
];

let server: RedisServer;
let redis: Redis;
let clock: MovedClock;
let store: RedisStore;

beforeEach(async () => {
  server = await startRedisServer();
  redis = new Redis(server.url);
  clock = await new MovedClock(server.url, NAMESPACE).begin();
  store = new RedisStore({ url: server.url, namespace: NAMESPACE, retentionMs: RETENTION_MS, maxEvents: 50 });
});

afterEach(async () => {
  await store.close();
  clock.close();
  redis.disconnect();
  await server.close();
});

/** Ends all jobs in their different ways, and lets the time pass after which they are forgotten. */
async function endAll(): Promise<void> {
  await store.resume({ host: 'another host' });
  await store.retry('retried in part', { codes: ['source_status'] });
  for (const { id } of (await store.list()).items) if (id !== 'running') await store.cancel(id);
  for (let claimed = 1; claimed > 0; ) {
    const { leases } = await claim();
    claimed = leases.length;
    await store.settle(
      leases.map((lease) => ({
        lease,
        outcome: { status: 'failed', failure: { code: 'source_status', message: 'gone' } },
        posts: 0,
      })),
    );
  }
  await store.cancel('running');
  await clock.elapse(HOUR_MS + LEASE_MS + RETENTION_MS + 1e9);
  for (let round = 0; round < 10; round += 1) await claim();
}

function claim(): ReturnType<RedisStore['queue']['claim']> {
  return store.queue.claim({ host: HOST, limit: 100, leaseMs: LEASE_MS, workerId: 'worker' });
}

/** Those that do not end by themselves; the others are let end. */
async function lastingKeys(): Promise<readonly string[]> {
  const lasting: string[] = [];
  for (const name of await redis.keys('*')) {
    if ((await redis.pttl(name)) < 0) lasting.push(name.slice(PREFIX.length));
    else await redis.del(name);
  }
  return lasting.sort();
}

/** What is kept for good takes, without the links, of which all are kept. */
async function keptBytes(): Promise<number> {
  const kept = KEPT.filter((suffix) => suffix !== 'links');
  const bytes = await Promise.all(kept.map((suffix) => redis.memory('USAGE', PREFIX + suffix, 'SAMPLES', 0)));
  return bytes.reduce<number>((sum, each) => sum + (each ?? 0), 0);
}

it('a job that is forgotten is in no list, however it ended', async () => {
  const create = (id: string, count: number) =>
    store.create({
      ...{ id, host: HOST, options: {} },
      urls: Array.from({ length: count }, (_, index) => `https://a.example/${id}/${index}`),
    });
  const failure = { code: 'source_status', message: 'gone' } as const;
  const give = (leases: readonly Lease[], delayMs: number) =>
    store.queue.release(leases.map((lease) => ({ lease, delayMs, countAttempt: true, posts: 0 })));
  const fail = (leases: readonly Lease[]) =>
    store.settle(leases.map((lease) => ({ lease, outcome: { status: 'failed', failure }, posts: 0 })));
  await create('failed', 3);
  await fail((await claim()).leases);
  await create('retried and cancelled', 2);
  await fail((await claim()).leases);
  await store.retry('retried and cancelled');
  await store.cancel('retried and cancelled');
  await create('delayed', 2);
  await give((await claim()).leases, HOUR_MS);
  await create('ran out', 2);
  await claim();
  await clock.elapse(LEASE_MS);
  await store.pause({ jobId: 'ran out' });
  await claim();
  await create('untouched', 2);
  await store.pause({ jobId: 'untouched' });
  const before = ['delaying', 'expired', 'failing', 'in-progress', 'paused-jobs', 'pending'];
  expect(await lists()).toEqual(['expiry', 'jobs', 'live', ...before].sort());
  for (const id of ['delayed', 'ran out', 'untouched']) await store.cancel(id);
  await clock.elapse(LEASE_MS + RETENTION_MS);
  await create('failed', 1);
  await fail((await claim()).leases);
  await clock.elapse(RETENTION_MS);
  await claim();
  expect(await lists()).toEqual([]);
});

async function lists(): Promise<readonly string[]> {
  const names = [
    'jobs',
    'live',
    'expiry',
    'pending',
    'in-progress',
    'failing',
    'paused-jobs',
    'delaying',
    'expired',
  ];
  const counts = await Promise.all(names.map((name) => redis.exists(PREFIX + name)));
  return names.filter((_, at) => counts[at] === 1).sort();
}

it('nothing but what stays for good is left when all that happened has been forgotten', async () => {
  const used: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    await fillRichly(redis, server.url, NAMESPACE, clock);
    await endAll();
    expect((await checkInvariants({ client: redis, namespace: NAMESPACE })).violations).toEqual([]);
    expect(await lastingKeys()).toEqual(KEPT);
    expect(await store.stats()).toMatchObject({ queue: { waiting: 0, claimed: 0, delayed: 0, liveJobs: 0 } });
    used.push(await keptBytes());
  }
  const [, second = 0, third = 0] = used;
  expect(third - second).toBeLessThan(10_000);
  expect(Number(await redis.xlen(`${PREFIX}events`))).toBeLessThan(60);
});

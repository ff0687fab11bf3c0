import { setTimeout as sleep } from 'node:timers/promises';

import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { type BudgetReading, type Lease, type SettleRequest, silentLogger } from '@imgferry/core';
import { type RedisServer, startRedisServer } from '../../../tests/setup/redis-server.ts';
import { RedisStore } from '../src/index.ts';

// A host tells its limits with every reply. Most of that is no news for those who wait.
const HOST = 'host';
const SCOPE = ['bucket'];
const IDLE = 10;
const URLS = 60;
const CLAIM = { host: HOST, leaseMs: 60_000, budget: SCOPE };
/** By then whoever was woken has looked. */
const LOOKED_MS = 200;

let server: RedisServer;
let redis: Redis;
let works: RedisStore;
let idle: readonly RedisStore[];
let woken: number;
let enough: AbortController;
let waits: Promise<unknown>;

beforeEach(async () => {
  server = await startRedisServer();
  redis = new Redis(server.url);
  const stores = Array.from(
    { length: IDLE + 1 },
    () => new RedisStore({ url: server.url, logger: silentLogger }),
  );
  [works, idle] = [stores[0] as RedisStore, stores.slice(1)];
  enough = new AbortController();
  woken = 0;
});

afterEach(async () => {
  enough.abort();
  await waits;
  for (const store of [works, ...idle]) await store.close();
  redis.disconnect();
  await server.close();
});

/** Processes that wait and claim as workers do, and get nothing. */
async function beginToWait(): Promise<void> {
  const wait = async (store: RedisStore) => {
    while (!enough.signal.aborted) {
      await store.queue.claim({ ...CLAIM, limit: 1, workerId: 'idle' });
      await store.queue.wait({ host: HOST, budget: SCOPE, timeoutMs: 60_000, signal: enough.signal });
      woken += 1;
    }
  };
  const before = await scripts();
  waits = Promise.allSettled(idle.map(wait));
  const listen = async () => Number((await redis.pubsub('NUMSUB', '{imgferry}:wake'))[1]);
  // The one that works hears as well.
  await expect.poll(listen).toBe(IDLE + 1);
  // Each has claimed, and looked as it began to wait.
  await expect.poll(async () => (await scripts()) - before).toBeGreaterThanOrEqual(2 * IDLE);
  await sleep(LOOKED_MS);
  woken = 0;
}

function told(remaining: number): BudgetReading {
  return { scope: SCOPE, buckets: [{ bucket: 'bucket', remaining, resetInMs: 60_000 }] };
}

async function claimAll(): Promise<readonly Lease[]> {
  const urls = Array.from({ length: URLS }, (_, index) => `https://a.example/${index}`);
  await works.create({ id: 'a job', urls, host: HOST, options: {} });
  return (await works.queue.claim({ ...CLAIM, limit: URLS, workerId: 'works' })).leases;
}

function complete(lease: Lease): SettleRequest {
  const link = `https://links.example/${lease.index}`;
  return { lease, posts: 1, outcome: { status: 'complete', link, bytes: 1, type: 'image/png' } };
}

async function scripts(): Promise<number> {
  const stats = await redis.info('commandstats');
  return [...stats.matchAll(/cmdstat_eval(?:sha)?:calls=(\d+)/g)].reduce((sum, [, n]) => sum + Number(n), 0);
}

it('what replies tell of limits that are far away wakes nobody', async () => {
  await works.budget.observe(told(5_000));
  const leases = await claimAll();
  expect(leases).toHaveLength(URLS);
  await beginToWait();
  const before = await scripts();
  for (const [at, lease] of leases.entries()) {
    await works.budget.observe(told(5_000 - at));
    await works.settle([complete(lease)], [told(5_000 - at)]);
  }
  await sleep(LOOKED_MS);
  expect(woken).toBe(0);
  expect((await scripts()) - before).toBeLessThanOrEqual(2 * URLS);
});

it.each([
  ['an outcome', (lease: Lease) => works.settle([complete(lease)], [told(0)])],
  [
    'a lease that is given back',
    (lease: Lease) =>
      works.queue.release([{ lease, delayMs: 60_000, countAttempt: false, posts: 1 }], [told(0)]),
  ],
  ['a reading', () => works.budget.observe(told(0))],
])('that the host allows nothing any more, told with %s, wakes all', async (_what, tell) => {
  await works.budget.observe(told(5_000));
  const [lease] = await claimAll();
  await beginToWait();
  await tell(lease as Lease);
  await expect.poll(() => woken).toBeGreaterThanOrEqual(IDLE);
});

it('the answer to a probe wakes those who wait for it', async () => {
  const [probe, ...others] = await claimAll();
  expect(others).toEqual([]);
  await beginToWait();
  const sentAt = performance.now();
  await works.settle([complete(probe as Lease)], [told(100)]);
  await expect
    .poll(async () => (await works.get('a job'))?.claimed, { interval: 10 })
    .toBeGreaterThanOrEqual(IDLE);
  // By themselves they would have looked when the probe had taken two seconds.
  expect(performance.now() - sentAt).toBeLessThan(1_000);
});

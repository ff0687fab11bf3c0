import { randomUUID } from 'node:crypto';

import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';

import { type BudgetReading, type Lease, silentLogger } from '@imgferry/core';
import { type RedisServer, startRedisServer } from '../../../tests/setup/redis-server.ts';
import { RedisStore } from '../src/index.ts';

const HOST = 'host';
const SCOPE = ['client', 'user'];
const READING: BudgetReading = {
  scope: SCOPE,
  buckets: SCOPE.map((bucket) => ({ bucket, remaining: 1e6, limit: 1e6, resetInMs: 3_600_000 })),
};

let server: RedisServer;
let redis: Redis;
let store: RedisStore;

beforeAll(async () => {
  server = await startRedisServer();
  redis = new Redis(server.url);
});
beforeEach(async () => {
  await redis.flushall();
  store = new RedisStore({ url: server.url, logger: silentLogger });
  await store.budget.observe(READING);
});
afterEach(() => store.close());
afterAll(async () => {
  redis.disconnect();
  await server.close();
});

/** Makes so many jobs of so many uploads, whose URLs have 67 bytes each. */
async function create(jobs: number, uploads: number): Promise<void> {
  for (let job = 0; job < jobs; job += 1) {
    const urls = Array.from({ length: uploads }, (_, at) => `https://a.example/${at}`.padEnd(67, '-'));
    await store.create({ id: randomUUID(), urls, host: HOST, options: {} });
  }
}

/** Claims and settles all there is, 32 at a time, as a worker does whose uploads end fast. Answers how many. */
async function workThrough(): Promise<number> {
  for (let done = 0; ; ) {
    const claim = {
      host: HOST,
      limit: 32,
      leaseMs: 60_000,
      workerId: 'worker',
      shortestTurn: 16,
      budget: SCOPE,
    };
    const { leases } = await store.queue.claim(claim);
    if (leases.length === 0) return done;
    await store.settle(leases.map(settlementOf), [READING]);
    done += leases.length;
  }
}

function settlementOf(lease: Lease): Parameters<RedisStore['settle']>[0][number] {
  const link = `https://i.imgur.com/${String(lease.token).slice(-7)}.jpg`;
  const facts = { bytes: 50_000, type: 'image/jpeg', width: 1_024, height: 768 };
  return { lease, posts: 1, outcome: { status: 'complete', link, deleteHash: 'abcdefghijklmno', ...facts } };
}

interface Spent {
  readonly steps: number;
  /** Those that scripts call included. */
  readonly commands: number;
  readonly bytes: number;
}

async function spent(): Promise<Spent> {
  const info = String(await redis.info('everything'));
  const calls = new Map(
    [...info.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)].map(([, name = '', count]) => [name, Number(count)]),
  );
  const fact = (name: string): number => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1]);
  return {
    steps: calls.get('evalsha') ?? 0,
    commands: [...calls.values()].reduce((sum, count) => sum + count, 0),
    bytes: fact('total_net_input_bytes') + fact('total_net_output_bytes'),
  };
}

/** What each upload has cost. */
async function costOfAll(): Promise<Spent> {
  const before = await spent();
  const done = await workThrough();
  const after = await spent();
  const each = (figure: keyof Spent): number => (after[figure] - before[figure]) / done;
  return { steps: each('steps'), commands: each('commands'), bytes: each('bytes') };
}

// What is allowed is some 15 % above what was counted, so whoever does more is told.
it.each([
  ['a job of 3,200', 1, 3_200, { steps: 0.07, commands: 2.7, bytes: 220 }],
  ['32 jobs of 100', 32, 100, { steps: 0.07, commands: 3.5, bytes: 220 }],
  ['1,000 jobs of one', 1_000, 1, { steps: 0.07, commands: 25, bytes: 580 }],
])('an upload of %s costs few commands, and few bytes on the wire', async (_, jobs, uploads, most) => {
  await create(jobs, uploads);
  const { steps, commands, bytes } = await costOfAll();
  expect(steps).toBeLessThanOrEqual(most.steps);
  expect(commands).toBeLessThanOrEqual(most.commands);
  expect(bytes).toBeLessThanOrEqual(most.bytes);
});

it('a page of uploads costs a step and some twenty commands for each thousand, whatever has become of them', async () => {
  const id = randomUUID();
  const urls = Array.from({ length: 3_000 }, (_, at) => `https://a.example/${at}`);
  await store.create({ id, urls, host: HOST, options: {} });
  await workThrough();
  await store.uploads(id, { limit: 1 });
  const before = await spent();
  const page = await store.uploads(id, { limit: 3_000 });
  const after = await spent();
  expect(page?.items.map(({ url }) => url)).toEqual(urls);
  expect(after.steps - before.steps).toBe(3);
  expect(after.commands - before.commands).toBeLessThanOrEqual(3 * 20);
  expect(await store.uploads(id, { limit: 3_000 })).toEqual(page);
  // What has been answered before, and never changes, is not sent again.
  const again = await spent();
  expect(again.bytes - after.bytes).toBeLessThan(after.bytes - before.bytes - urls.join('').length);
});

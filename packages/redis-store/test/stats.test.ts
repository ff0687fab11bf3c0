import { randomUUID } from 'node:crypto';

import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';

import type { Lease, Stats } from '@imgferry/core';
import { collectStats } from '../src/collect-stats.ts';
import { Connection } from '../src/connection.ts';
import { RedisStore } from '../src/index.ts';
import { resolveOptions } from '../src/options.ts';
import { MovedClock, moveClockByHand } from './moved-clock.ts';

moveClockByHand();

let namespace: string;
let redis: Redis;
let clock: MovedClock;
let connection: Connection;
let store: RedisStore;

beforeEach(async () => {
  namespace = `test-${randomUUID()}`;
  const options = { url: inject('redisUrl'), namespace };
  redis = new Redis(options.url);
  clock = await new MovedClock(options.url, namespace).begin();
  connection = new Connection(resolveOptions(options));
  store = new RedisStore(options);
});

afterEach(async () => {
  await store.close();
  await connection.close();
  clock.close();
  redis.disconnect();
});

function stats(): Promise<Stats> {
  return collectStats(connection);
}

async function claimOne(): Promise<Lease> {
  await store.create({ id: randomUUID(), urls: ['https://a.example/1.png'], host: 'host', options: {} });
  const { leases } = await store.queue.claim({ host: 'host', limit: 1, leaseMs: 60_000, workerId: 'worker' });
  return leases[0] ?? expect.fail('an upload can be claimed');
}

async function completeOne(bytes: number): Promise<void> {
  const lease = await claimOne();
  const outcome = {
    status: 'complete',
    link: 'https://links.example/1.png',
    bytes,
    type: 'image/png',
  } as const;
  await store.settle([{ lease, outcome, posts: 1 }]);
}

it('delays are counted exactly, of however many jobs', async () => {
  const prefix = `{${namespace}}:`;
  const pipeline = redis.pipeline();
  for (let job = 0; job < 2_500; job += 1) {
    pipeline.sadd(`${prefix}delaying`, `job-${job}`);
    pipeline.zadd(`${prefix}j:job-${job}:delayed`, clock.now, '0', clock.now + 1, '1', clock.now + 9, '2');
  }
  await pipeline.exec();
  expect((await stats()).queue.delayed).toBe(5_000);
  await clock.elapse(1);
  expect((await stats()).queue.delayed).toBe(2_500);
});

it('delays of up to a thousand jobs are counted in one step', async () => {
  await store.queue.release([
    { lease: await claimOne(), delayMs: 50, countAttempt: true, posts: 0 },
    { lease: await claimOne(), delayMs: 60, countAttempt: true, posts: 0 },
  ]);
  expect((await store.stats()).queue.delayed).toBe(2);
  await clock.elapse(50);
  expect((await store.stats()).queue.delayed).toBe(1);
});

it('a clock that was set back goes on counting in the newest minute', async () => {
  await completeOne(10);
  const at = clock.now - (clock.now % 60_000);
  await clock.elapse(-5 * 60_000);
  await completeOne(5);
  expect((await stats()).minutes).toEqual([{ at, complete: 2, failed: 0, bytes: 15 }]);
  await clock.elapse(6 * 60_000);
  await completeOne(1);
  expect((await stats()).minutes[1]).toEqual({ at: at + 60_000, complete: 1, failed: 0, bytes: 1 });
});

it('no more than sixty minutes are kept', async () => {
  for (let minute = 0; minute < 65; minute += 1) {
    await completeOne(minute);
    await clock.elapse(60_000);
  }
  expect(await redis.hlen(`{${namespace}}:minutes`)).toBe(60);
  expect((await stats()).minutes[0]?.bytes).toBe(5);
});

it('numbers of more than ten digits are counted exactly', async () => {
  await completeOne(9_007_199_254_000);
  await completeOne(991);
  const { totals, minutes } = await stats();
  expect([totals.bytes, minutes[0]?.bytes]).toEqual([9_007_199_254_991, 9_007_199_254_991]);
});

it('the hosts that are paused are told in their order', async () => {
  for (const host of ['c', 'a', 'b']) await store.pause({ host });
  expect((await stats()).queue.pausedHosts).toEqual(['a', 'b', 'c']);
});

import { randomUUID } from 'node:crypto';

import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';

import type { Lease } from '@imgferry/core';
import { Connection } from '../src/connection.ts';
import { RedisStore } from '../src/index.ts';
import { resolveOptions } from '../src/options.ts';
import { readFailures } from '../src/read-failures.ts';
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

it('leases that are overdue are counted exactly, however many are out', async () => {
  const count = 2_500;
  const urls = Array.from({ length: count }, (_, index) => `${index}`);
  for (const [id, host] of [
    ['short', 'host'],
    ['long', 'other'],
    ['cancelled', 'third'],
  ] as const)
    await store.create({ id, urls, host, options: {} });
  const claim = async (host: string, leaseMs: number) => {
    for (let left = count; left > 0; left -= 500)
      await store.queue.claim({ host, limit: 500, leaseMs, workerId: 'worker' });
  };
  await claim('host', 100);
  await claim('other', 101);
  await claim('third', 100);
  await store.cancel('cancelled');
  await clock.elapse(99);
  expect((await store.stats()).queue).toMatchObject({ claimed: 5_000, overdue: 0 });
  await clock.elapse(1);
  expect((await store.stats()).queue.overdue).toBe(5_000);
  // A claim marks a hundred of them, and takes ten over.
  await store.queue.claim({ host: 'host', limit: 10, leaseMs: 100, workerId: 'worker' });
  expect((await store.stats()).queue.overdue).toBe(4_990);
  // One of those that were cancelled ends a hundred of them.
  await store.queue.claim({ host: 'third', limit: 10, leaseMs: 100, workerId: 'worker' });
  expect((await store.stats()).queue.overdue).toBe(4_890);
});

it('a clock that was set back goes on counting in the newest minute', async () => {
  await completeOne(10);
  const at = clock.now - (clock.now % 60_000);
  await clock.elapse(-5 * 60_000);
  await completeOne(5);
  expect((await store.stats()).minutes).toMatchObject([{ at, complete: 2, failed: 0, bytes: 15 }]);
  await clock.elapse(6 * 60_000);
  await completeOne(1);
  expect((await store.stats()).minutes[1]).toMatchObject({
    at: at + 60_000,
    complete: 1,
    failed: 0,
    bytes: 1,
  });
});

it('no more than sixty minutes are kept', async () => {
  for (let minute = 0; minute < 65; minute += 1) {
    await completeOne(minute);
    await clock.elapse(60_000);
  }
  expect(await redis.hlen(`{${namespace}}:minutes`)).toBe(60);
  expect(await redis.hlen(`{${namespace}}:durations`)).toBe(61);
  const { minutes, durations } = await store.stats();
  expect(minutes[0]).toMatchObject({ bytes: 5, durations: { sumMs: 0 } });
  expect([minutes[0]?.durations.counts[0], durations.counts[0]]).toEqual([1, 65]);
});

it('numbers of more than ten digits are counted exactly', async () => {
  await completeOne(9_007_199_254_000);
  await completeOne(991);
  const { totals, minutes } = await store.stats();
  expect([totals.bytes, minutes[0]?.bytes]).toEqual([9_007_199_254_991, 9_007_199_254_991]);
});

it('the hosts that are paused are told in their order', async () => {
  for (const host of ['c', 'a', 'b']) await store.pause({ host });
  expect((await store.stats()).queue.pausedHosts).toEqual(['a', 'b', 'c']);
});

it('what the version before has claimed and counted is counted without durations', async () => {
  const prefix = `{${namespace}}:`;
  const [first, second] = [await claimOne(), await claimOne()];
  // A lease as it keeps one, and a minute in which it alone has counted.
  await redis.eval(
    `local lease = cmsgpack.unpack(redis.call('HGET', KEYS[1], ARGV[1]))
    lease[9] = nil
    redis.call('HSET', KEYS[1], ARGV[1], cmsgpack.pack(lease))`,
    1,
    `${prefix}leases`,
    first.token,
  );
  await redis.hset(`${prefix}minutes`, '60000', '3 2 100');
  await redis.hset(`${prefix}totals`, 'uploadsComplete', 3, 'uploadsFailed', 2);
  await clock.elapse(70);
  const outcome = { status: 'failed', failure: { code: 'too_large', message: 'too large' } } as const;
  await store.settle([first, second].map((lease) => ({ lease, outcome, posts: 0 })));
  const { outcomes, durations, minutes, totals } = await store.stats();
  expect(outcomes).toEqual([{ host: 'host', outcome: 'failed', code: 'too_large', count: 2 }]);
  expect(totals).toMatchObject({ uploadsComplete: 3, uploadsFailed: 4 });
  expect(durations.sumMs).toBe(70);
  expect(minutes).toMatchObject([
    { at: 60_000, complete: 3, failed: 2, durations: { sumMs: 0 } },
    { failed: 2, durations },
  ]);
  // It still reads the minutes as it wrote them.
  for (const counts of await redis.hvals(`${prefix}minutes`)) expect(counts).toMatch(/^(\d+) (\d+) (\d+)$/);
});

it('no more than a thousand failures are kept, and nothing of them has a URL', async () => {
  const urls = Array.from({ length: 1_100 }, (_, index) => `https://a.example/${index}.png`);
  await store.create({ id: 'job', urls, host: 'host', options: {} });
  const outcome = { status: 'failed', failure: { code: 'too_large', message: 'too large' } } as const;
  for (const limit of [1_050, 50]) {
    const { leases } = await store.queue.claim({ host: 'host', limit, leaseMs: 60_000, workerId: 'worker' });
    await store.settle(leases.map((lease) => ({ lease, outcome, posts: 0 })));
  }
  const kept = await redis.lrange(`{${namespace}}:failures`, 0, -1);
  expect(kept).toHaveLength(1_000);
  expect(kept.join()).not.toContain('a.example');
});

it('the newest failures are read to their end, whatever fails meanwhile', async () => {
  const urls = Array.from({ length: 260 }, (_, index) => `${index}`);
  await store.create({ id: 'job', urls, host: 'host', options: {} });
  const claim = { host: 'host', limit: 130, leaseMs: 60_000, workerId: 'worker' };
  const failMore = async () => {
    const { leases } = await store.queue.claim(claim);
    const outcome = { status: 'failed', failure: { code: 'too_large', message: 'too large' } } as const;
    await store.settle(leases.map((lease) => ({ lease, outcome, posts: 0 })));
    return leases.map(({ index }) => index);
  };
  const before = await failMore();
  let steps = 0;
  const run = connection.run.bind(connection);
  connection.run = async (...args) => {
    const answer = await run(...args);
    steps += 1;
    if (steps === 1) await failMore();
    return answer;
  };
  const found = await readFailures(connection, { limit: 1_000 });
  expect(steps).toBe(2);
  expect(found.map(({ index }) => index)).toEqual([...before].reverse());
});

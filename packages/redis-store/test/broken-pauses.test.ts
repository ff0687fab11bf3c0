import { randomUUID } from 'node:crypto';

import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';

import type { Lease } from '@imgferry/core';
import { checkInvariants, RedisStore } from '../src/index.ts';

// Nobody can read a job without what is paused, and nothing may go wrong half-way for that.
let options: { url: string; namespace: string };
let store: RedisStore;
let redis: Redis;
let lease: Lease;

beforeEach(async () => {
  options = { url: inject('redisUrl'), namespace: `test-${randomUUID()}` };
  store = new RedisStore(options);
  redis = new Redis(options.url);
  await store.create({ id: 'a job', urls: ['https://a.example/1'], host: 'host', options: {} });
  const { leases } = await store.queue.claim({ host: 'host', limit: 1, leaseMs: 60_000, workerId: 'worker' });
  lease = leases[0] ?? expect.fail();
  await redis.set(`{${options.namespace}}:paused`, 'broken');
});

afterEach(async () => {
  await store.close();
  redis.disconnect();
});

const BROKEN = /:paused is a string/;

it('jobs are not missing from a list while what is paused can not be read', async () => {
  await expect(store.list()).rejects.toThrow(BROKEN);
  await expect(store.get('a job')).rejects.toThrow(BROKEN);
});

it.each([
  ['a settle', () => settle()],
  ['a cancel', () => store.cancel('a job')],
  ['a retry', () => store.retry('a job')],
  ['a create', () => store.create({ id: 'b job', urls: ['x'], host: 'host', options: {} })],
  ['a pause', () => store.pause({ jobId: 'a job' })],
])('%s does nothing, not even half of it, while what is paused can not be read', async (_what, step) => {
  await expect(step()).rejects.toThrow(BROKEN);
  await redis.del(`{${options.namespace}}:paused`);
  expect(await store.list()).toMatchObject({
    items: [{ claimed: 1, complete: 0, failed: 0, paused: false }],
  });
  expect((await checkInvariants(options)).violations).toEqual([]);
  expect(await settle()).toMatchObject([{ status: 'settled', jobFinished: true }]);
});

function settle(): ReturnType<RedisStore['settle']> {
  const outcome = {
    status: 'complete',
    link: 'https://links.example/1',
    bytes: 1,
    type: 'image/png',
  } as const;
  return store.settle([{ lease, outcome, posts: 1 }]);
}

import { randomUUID } from 'node:crypto';

import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';

import { type Lease, silentLogger } from '@imgferry/core';
import { RedisStore } from '../src/index.ts';

const scope = ['client'];

let namespace: string;
let store: RedisStore;
let redis: Redis;

beforeEach(async () => {
  namespace = `test-${randomUUID()}`;
  store = new RedisStore({ url: inject('redisUrl'), namespace, logger: silentLogger });
  redis = new Redis(inject('redisUrl'));
  const urls = Array.from({ length: 20 }, (_, at) => `https://a.example/${at}.png`);
  await store.create({ id: randomUUID(), urls, host: 'host', options: {} });
});

afterEach(async () => {
  redis.disconnect();
  await store.close();
});

function tell(remaining: number): Promise<void> {
  return store.budget.observe({ scope, buckets: [{ bucket: 'client', remaining, resetInMs: 60_000 }] });
}

async function claim(limit: number): Promise<readonly Lease[]> {
  const options = { host: 'host', limit, leaseMs: 60_000, workerId: 'worker', budget: scope };
  return (await store.queue.claim(options)).leases;
}

/** What may be claimed after one more upload was sent. */
async function allowedAfterOne(): Promise<number> {
  const [lease] = await claim(1);
  if (lease === undefined) return 0;
  const failure = { code: 'source_status', message: 'no image' } as const;
  await store.settle([{ lease, outcome: { status: 'failed', failure }, posts: 1 }]);
  return (await claim(20)).length;
}

describe('a bucket of which an earlier version in the fleet', () => {
  const bucket = (): string => `{${namespace}}:bucket:client`;

  it('has charged what was sent goes on from what that has left', async () => {
    await tell(10);
    await redis.hset(bucket(), 'remaining', 4);
    expect(await allowedAfterOne()).toBe(3);
  });

  it('has begun another window goes on from what that says', async () => {
    await tell(2);
    await redis.hset(bucket(), 'remaining', 7, 'resetAt', Date.now() + 3_600_000);
    expect(await allowedAfterOne()).toBe(6);
  });

  it('has written all there is goes on from that', async () => {
    await tell(5);
    await redis.hdel(bucket(), 'told', 'own');
    expect(await allowedAfterOne()).toBe(4);
  });
});

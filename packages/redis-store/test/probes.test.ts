import { randomUUID } from 'node:crypto';

import { Redis } from 'ioredis';
import { expect, inject, it } from 'vitest';

import { RedisStore } from '../src/index.ts';
import { MovedClock, moveClockByHand } from './moved-clock.ts';

moveClockByHand();

const HOST = 'host';
const BUCKET = 'bucket';

it('a probe that a process of an earlier version let go is waited for, and after it two more go', async ({
  onTestFinished,
}) => {
  const options = { url: inject('redisUrl'), namespace: `test-${randomUUID()}` };
  const redis = new Redis(options.url);
  const clock = await new MovedClock(options.url, options.namespace).begin();
  const store = new RedisStore(options);
  onTestFinished(async () => {
    await store.close();
    clock.close();
    redis.disconnect();
  });
  const draw = async (): Promise<number> => {
    const asked = { host: HOST, limit: 20, leaseMs: 60_000, workerId: 'worker', budget: [BUCKET] };
    return (await store.queue.claim(asked)).leases.length;
  };
  const urls = Array.from({ length: 20 }, (_, index) => `https://a.example/${index}`);
  await store.create({ id: randomUUID(), urls, host: HOST, options: {} });

  expect(await draw()).toBe(1);
  // It wrote which probe it was and until when, and no numbers of them.
  const removed = await redis.hdel(`{${options.namespace}}:bucket:${BUCKET}`, 'probes', 'probesLeft');
  expect(removed).toBe(2);
  expect(await draw()).toBe(0);
  await clock.elapse(2_000);
  expect([await draw(), await draw()]).toEqual([2, 0]);
});

import { randomUUID } from 'node:crypto';

import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';

import { silentLogger } from '@imgferry/core';
import { RedisStore } from '../src/index.ts';

const namespace = `test-${randomUUID()}`;
const keyOf = (suffix: string): string => `{${namespace}}:j:job${suffix}`;

let redis: Redis;
let store: RedisStore;

beforeEach(async () => {
  redis = new Redis(inject('redisUrl'));
  store = new RedisStore({ url: inject('redisUrl'), namespace, logger: silentLogger });
  const urls = Array.from({ length: 1_100 }, (_, index) => `https://a.example/${index}`);
  await store.create({ id: 'job', urls, host: 'host', options: {} });
});

afterEach(async () => {
  await store.close();
  await redis.del(await redis.keys(`{${namespace}}:*`));
  redis.disconnect();
});

it('a page that has lost URLs is an error that names them, and tells none of another upload', async () => {
  await redis.ltrim(keyOf(':u:0'), 0, 989);
  await expect(store.uploads('job', { limit: 1_100 })).rejects.toThrow(`${keyOf(':u:0')} has lost URLs`);
  const start = await store.uploads('job', { limit: 990 });
  expect(start?.items.at(-1)).toMatchObject({ index: 989, url: 'https://a.example/989' });
});

it('what somebody else has put beside the records of a job is the record of no upload', async () => {
  const [lease] = (await store.queue.claim({ host: 'host', limit: 1, leaseMs: 60_000, workerId: 'worker' }))
    .leases;
  const record = await redis.hgetBuffer(keyOf(':r:0'), '0');
  for (const field of ['', 'x', '-1', '1.5', '100', '1e1', ' 7', '0x7'])
    await redis.hset(keyOf(':r:0'), field, record as Buffer);
  const page = await store.uploads('job', { limit: 1_000 });
  expect(page?.items.filter(({ status }) => status !== 'waiting').map(({ index }) => index)).toEqual([
    lease?.index,
  ]);
});

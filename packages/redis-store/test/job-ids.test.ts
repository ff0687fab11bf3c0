import { randomUUID } from 'node:crypto';

import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';

import { InvalidOptionError } from '@imgferry/core';
import { RedisStore } from '../src/index.ts';

const URL = 'https://a.example/1';

let namespace: string;
let redis: Redis;
let store: RedisStore;

beforeEach(() => {
  namespace = `test-${randomUUID()}`;
  redis = new Redis(inject('redisUrl'));
  store = new RedisStore({ url: inject('redisUrl'), namespace });
});

afterEach(async () => {
  await store.close();
  redis.disconnect();
});

it('a hash that is no job is taken for none, and stays as it is', async () => {
  const where = `{${namespace}}:j:stray`;
  await redis.hset(where, 'choice', 1);
  expect(await store.get('stray')).toBeUndefined();
  expect(await store.cancel('stray')).toBeUndefined();
  expect(await store.retry('stray')).toBeUndefined();
  expect(await store.pause({ jobId: 'stray' })).toBeUndefined();
  expect(await redis.hgetall(where)).toEqual({ choice: '1' });
});

it('the error of a create names the id that no job can have', async () => {
  const id = `${'half of a long id'.repeat(10)}:held`;
  const refused = store.create({ id, urls: [URL], host: 'host', options: {} });
  await expect(refused).rejects.toThrow(InvalidOptionError);
  await expect(refused).rejects.toThrow(
    /^id is "half of a long id.*"; it must be a text of whole characters, without ":"$/,
  );
  expect(await redis.keys(`{${namespace}}:*`)).toEqual([]);
});

import { randomUUID } from 'node:crypto';

import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';

import type { NewJob } from '@imgferry/core';
import { checkInvariants, RedisStore } from '../src/index.ts';

let redis: Redis;
let store: RedisStore;
let namespace: string;
let prefix: string;

beforeEach(() => {
  namespace = `test-${randomUUID()}`;
  prefix = `{${namespace}}:`;
  redis = new Redis(inject('redisUrl'));
  store = new RedisStore({ url: inject('redisUrl'), namespace });
});

afterEach(async () => {
  await store.close();
  await redis.quit();
});

/** A job that is brought in two parts. */
const large = (number: number, facts: Partial<NewJob> = {}): NewJob => ({
  id: `job-${number}`,
  urls: Array.from({ length: 1_001 }, (_, index) => `https://a.example/${index}`),
  host: 'fake',
  options: {},
  ...facts,
});

/** The jobs of which Redis has lists of URLs. */
async function jobsWithUrls(): Promise<string[]> {
  const keys = await redis.keys(`${prefix.replace(/[{}]/g, '\\$&')}j:*:u:*`);
  return [...new Set(keys.map((key) => key.slice(prefix.length).split(':')[1] ?? ''))];
}

describe('of large jobs that come at once and are not all taken', () => {
  it.each<[string, (number: number) => Partial<NewJob>, string]>([
    ['because there is no room for more', () => ({ maxWaiting: 1_500 }), 'full'],
    [
      'because they are the same submit',
      () => ({ idempotency: { key: 'k', fingerprint: 'f', ttlMs: 60_000 } }),
      'existing',
    ],
    [
      'because their key belongs to another',
      (number) => ({ idempotency: { key: 'k', fingerprint: `f${number}`, ttlMs: 60_000 } }),
      'conflict',
    ],
  ])('%s, nothing is kept but the one that is', async (_, facts, status) => {
    const answers = await Promise.all(
      Array.from({ length: 5 }, (_, number) => store.create(large(number, facts(number)))),
    );
    expect(answers.map((answer) => answer.status).toSorted()).toEqual(
      ['created', ...Array(4).fill(status)].toSorted(),
    );
    const [job] = (await store.list()).items;
    expect(await jobsWithUrls()).toEqual([job?.id]);
    expect(await redis.exists(`${prefix}staging`, `${prefix}staged`)).toBe(0);
    expect((await checkInvariants({ url: inject('redisUrl'), namespace })).violations).toEqual([]);
  });

  it('one that is sent again keeps what it has', async () => {
    const job = large(1);
    await store.create(job);
    expect(await store.create(job)).toMatchObject({ status: 'created', job: { total: 1_001 } });
    expect((await store.uploads(job.id, { limit: 1_000 }))?.items.length).toBe(1_000);
  });
});

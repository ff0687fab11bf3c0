import { randomUUID } from 'node:crypto';

import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';

import { checkInvariants, RedisStore } from '../src/index.ts';

let options: { url: string; namespace: string };
let prefix: string;
let redis: Redis;
let store: RedisStore;

beforeEach(async () => {
  options = { url: inject('redisUrl'), namespace: `test-${randomUUID()}` };
  prefix = `{${options.namespace}}:`;
  redis = new Redis(options.url);
  store = new RedisStore(options);
  const urls = Array.from({ length: 5 }, (_, index) => `https://a.example/${index}`);
  await store.create({ id: 'a job', urls, host: 'host', options: {} });
  await store.queue.claim({ host: 'host', limit: 2, leaseMs: 60_000, workerId: 'worker' });
});

afterEach(async () => {
  await store.close();
  redis.disconnect();
});

it('nothing is found in a store that is well', async () => {
  expect(await checkInvariants(options)).toEqual({ jobs: 1, violations: [] });
});

it('nothing is found in a store that is well, while uploads change places between two looks', async () => {
  await store.create({ id: 'b job', urls: ['https://b.example/'], host: 'other', options: {} });
  const claim = { host: 'other', limit: 1, leaseMs: 60_000, workerId: 'worker' };
  const [lease] = (await store.queue.claim(claim)).leases;
  const client = afterInspecting('a job', async () => {
    await store.queue.release([
      { lease: lease ?? expect.fail(), delayMs: 60_000, countAttempt: false, posts: 0 },
    ]);
    await store.queue.claim({ ...claim, host: 'host' });
  });
  expect(await checkInvariants({ client, namespace: options.namespace })).toEqual({
    jobs: 2,
    violations: [],
  });
});

/** A client that does something once a job has been looked at. */
function afterInspecting(jobId: string, act: () => Promise<void>): Redis {
  const evalsha = redis.evalsha.bind(redis) as (...args: unknown[]) => Promise<unknown>;
  return Object.assign(redis, {
    async evalsha(...args: unknown[]) {
      const answer = await evalsha(...args);
      if (args[3] === jobId) await act();
      return answer;
    },
  });
}

it.each([
  [
    'a counter that is off',
    ['hincrby', 'j:a job', 'waiting', 1],
    'it counts 4 waiting and its records say 3',
  ],
  [
    'an upload that is in two places',
    ['rpush', 'j:a job:failed', 4],
    'upload 4 is waiting and in next+failed',
  ],
  ['an upload that is in no place', ['hincrby', 'j:a job', 'next', 1], 'upload 2 is waiting and in no place'],
  ['a lease that is gone', ['del', 'leases'], 'upload 0 is claimed and nobody has its lease'],
  ['a lease that never ends', ['del', 'deadlines:host'], 'the lease of upload 0 never ends'],
  ['a job without a turn', ['del', 'round:host'], 'it waits and has no turn'],
  [
    'totals that are off',
    ['hincrby', 'totals', 'claimed', 1],
    'the store counts 3 claimed and its jobs have 2',
  ],
])('%s is found', async (_what, [command, key, ...args], sentence) => {
  await redis.call(String(command), prefix + key, ...args);
  expect((await checkInvariants(options)).violations.join('\n')).toContain(sentence);
});

import { randomUUID } from 'node:crypto';

import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, inject, it, vi } from 'vitest';

import { type Lease, type Release, silentLogger } from '@imgferry/core';
import { checkInvariants, RedisStore } from '../src/index.ts';

let options: { url: string; namespace: string };
let prefix: string;
let redis: Redis;
let store: RedisStore;
const clients: Redis[] = [];
const FAILURE = { code: 'too_large', message: 'too large' } as const;

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
  for (const client of [redis, ...clients.splice(0)]) client.disconnect();
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
  return afterEachStep(async (_digest, firstArgument) => {
    if (firstArgument === jobId) await act();
  });
}

/** A client that does something each time that a step was taken. */
function afterEachStep(act: (digest: unknown, firstArgument: unknown) => Promise<void>): Redis {
  const client = redis.duplicate();
  clients.push(client);
  const evalsha = client.evalsha.bind(client) as (...args: unknown[]) => Promise<unknown>;
  return Object.assign(client, {
    async evalsha(...args: unknown[]) {
      const answer = await evalsha(...args);
      await act(args[0], args[4]);
      return answer;
    },
  });
}

it('nothing is found in a store that is well, whatever happens to leases and what they take after any look', async () => {
  const claim = { host: 'host', limit: 1, leaseMs: 60_000, workerId: 'worker', budget: ['bucket', 'other'] };
  await store.create({ id: 'b job', urls: Array.from({ length: 60 }, String), host: 'host', options: {} });
  const leases: Lease[] = [];
  const take = async (): Promise<void> => {
    leases.push(...(await store.queue.claim(claim)).leases);
  };
  const last = (): Lease => leases.at(-1) ?? expect.fail();
  const acts = [
    take,
    () => store.budget.charge(last()),
    () => store.queue.extend(leases, 60_000),
    () => store.settle([{ lease: last(), outcome: { status: 'failed', failure: FAILURE }, posts: 1 }]),
    take,
    () => store.queue.release([released(last())]),
    () =>
      store.budget.observe({
        scope: ['bucket'],
        buckets: [{ bucket: 'bucket', remaining: 99, resetInMs: 1e6 }],
      }),
    async () => {
      await take();
      await store.cancel('a job');
    },
    () => store.settle([{ lease: last(), outcome: { status: 'failed', failure: FAILURE }, posts: 1 }]),
    () => store.retry('a job'),
  ];
  const found: string[] = [];
  for (let first = 0; first < acts.length; first += 1) {
    let at = first;
    const client = afterEachStep(async () => {
      await acts[at % acts.length]?.();
      at += 1;
    });
    found.push(
      ...(await checkInvariants({ client, namespace: options.namespace, logger: silentLogger })).violations,
    );
  }
  expect(found).toEqual([]);
  expect((await checkInvariants(options)).violations).toEqual([]);
});

it.each([
  ['takes more of the budget', async (lease: Lease) => void (await store.budget.charge(lease))],
  ['ends that was cancelled', async (lease: Lease) => void (await store.queue.release([released(lease)]))],
])('nothing is found in a store that is well, while a lease %s', async (_what, act) => {
  const claim = { host: 'host', limit: 3, leaseMs: 60_000, workerId: 'worker', budget: ['bucket'] };
  const reading = { bucket: 'bucket', remaining: 1_000, resetInMs: 1e6 };
  await store.budget.observe({ scope: ['bucket'], buckets: [reading] });
  const { leases } = await store.queue.claim(claim);
  if (_what.includes('cancelled')) await store.cancel('a job');
  let looks = 0;
  const client = afterEachStep(async () => {
    const lease = leases[looks % leases.length] ?? expect.fail();
    looks += 1;
    if (looks > 1) await act(lease);
  });
  const { violations } = await checkInvariants({
    client,
    namespace: options.namespace,
    logger: silentLogger,
  });
  expect(looks).toBeGreaterThan(6);
  expect(violations).toEqual([]);
  expect((await checkInvariants(options)).violations).toEqual([]);
});

function released(lease: Lease): Release {
  return { lease, delayMs: 0, countAttempt: false, posts: 0 };
}

it('nothing is found while a cancelled lease is still out, and once its job is forgotten', async () => {
  await store.queue.claim({
    host: 'host',
    limit: 1,
    leaseMs: 60_000,
    workerId: 'worker',
    budget: ['bucket'],
  });
  const short = new RedisStore({ ...options, retentionMs: 1 });
  await short.cancel('a job');
  expect((await checkInvariants(options)).violations).toEqual([]);
  await vi.waitFor(async () => expect(await short.get('a job')).toBeUndefined(), { interval: 2 });
  await short.create({ id: 'b job', urls: ['https://b.example/'], host: 'other', options: {} });
  await short.close();
  expect(await redis.exists(`${prefix}j:a job`)).toBe(0);
  expect(await redis.hlen(`${prefix}leases`)).toBe(3);
  expect((await checkInvariants(options)).violations).toEqual([]);
});

it('a bucket that does not know what leases have taken of it is found', async () => {
  const claim = { host: 'host', limit: 1, leaseMs: 60_000, workerId: 'worker', budget: ['bucket'] };
  const [lease] = (await store.queue.claim(claim)).leases;
  await redis.hincrby(`${prefix}bucket:bucket`, 'inFlight', 1);
  const sentence = 'bucket bucket has 2 POSTs under way and its leases have taken 1';
  expect((await checkInvariants(options)).violations).toEqual([sentence]);
  await redis.del(`${prefix}pauses`);
  expect((await checkInvariants(options)).violations).toEqual([sentence]);
  await redis.del(`${prefix}bucket:bucket`);
  const gone = 'bucket bucket has 0 POSTs under way and its leases have taken 1';
  expect((await checkInvariants(options)).violations).toEqual([gone]);
  await store.queue.release([{ lease: lease ?? expect.fail(), delayMs: 0, countAttempt: false, posts: 0 }]);
  expect((await checkInvariants(options)).violations).toEqual([]);
});

it('a bucket that has something under way without any lease is found', async () => {
  const claim = { host: 'host', limit: 1, leaseMs: 60_000, workerId: 'worker', budget: ['bucket'] };
  const [lease] = (await store.queue.claim(claim)).leases;
  await store.queue.release([{ lease: lease ?? expect.fail(), delayMs: 0, countAttempt: false, posts: 0 }]);
  await redis.hset(`${prefix}bucket:bucket`, 'inFlight', 40);
  expect((await checkInvariants(options)).violations).toEqual([
    'bucket bucket has 40 POSTs under way and its leases have taken 0',
  ]);
});

it('a lease that nobody has is found, and one that was cancelled and never ends', async () => {
  await redis.eval(
    "redis.call('HSET', KEYS[1], 999, cmsgpack.pack({ 'a job', 3, 'host', {}, 1, false, false, '' }))",
    1,
    `${prefix}leases`,
  );
  expect((await checkInvariants(options)).violations).toEqual([
    'there is a lease 999 of upload 3 of job a job that nobody has',
  ]);
  await store.cancel('a job');
  expect((await checkInvariants(options)).violations).toEqual([
    'the cancelled lease 999 of upload 3 of job a job never ends',
  ]);
});

it('an upload that is in its first attempt and counts none of its run is found', async () => {
  await redis.eval(
    `local record = cmsgpack.unpack(redis.call('HGET', KEYS[1], 0))
    record[19], record[20] = false, 1
    redis.call('HSET', KEYS[1], 0, cmsgpack.pack(record))`,
    1,
    `${prefix}j:a job:r:0`,
  );
  expect((await checkInvariants(options)).violations.join('\n')).toContain(
    'upload 0 counts 1 attempts, and 1 before its last retry',
  );
});

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
    'a link that was recorded twice',
    ['rpush', 'links', 'https://links.example/twice'],
    'the store counts 0 complete and has recorded 1 links',
  ],
  [
    'an outcome that no total has',
    ['hincrby', 'outcomes', 'too_large host', 1],
    'the store counts 0 failed and 1 by their hosts',
  ],
  [
    'a stranger among the live jobs',
    ['zadd', 'live', 1, 'stranger'],
    'job stranger: it is among the live jobs and in no list',
  ],
  [
    'a stranger among the finished jobs',
    ['zadd', 'expiry', 1, 'stranger'],
    'job stranger: it is among the finished jobs and in no list',
  ],
  [
    'a stranger among the paused jobs',
    ['zadd', 'paused-jobs', 1, 'stranger'],
    'job stranger: it is among the paused jobs and in no list',
  ],
  ['a job that no filter finds', ['del', 'in-progress'], 'it is missing in in-progress'],
  ['a job that a filter finds wrongly', ['zadd', 'failing', 1, 'a job'], 'it is wrongly in failing'],
  ['a lease that can not be read', ['hset', 'leases', '7', '\u00c1'], 'lease 7 can not be read'],
  [
    'totals that are off',
    ['hincrby', 'totals', 'claimed', 1],
    'the store counts 3 claimed and its jobs have 2',
  ],
  [
    'a count of the delayed that is off',
    ['hincrby', 'totals', 'delayed', 1],
    'the store counts 1 delayed and its jobs have 0',
  ],
  [
    'a job that is wrongly among those with delays',
    ['zadd', 'delaying', 1, 'a job'],
    'its first delayed upload is kept with another time, or missing',
  ],
  ['a stranger among the jobs with delays', ['zadd', 'delaying', 1, 'stranger'], 'among the delaying jobs'],
  [
    'a stranger among the leases that ran out',
    ['sadd', 'expired', 7],
    '1 of the leases that ran out are none',
  ],
])('%s is found', async (_what, [command, key, ...args], sentence) => {
  await redis.call(String(command), prefix + key, ...args);
  expect((await checkInvariants(options)).violations.join('\n')).toContain(sentence);
});

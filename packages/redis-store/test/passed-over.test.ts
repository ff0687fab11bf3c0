import { randomUUID } from 'node:crypto';

import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';

import type { Claimed, Lease, Logger } from '@imgferry/core';
import { aWorker } from '../../../tests/setup/a-worker.ts';
import { checkInvariants, RedisStore } from '../src/index.ts';
import { MovedClock, moveClockByHand } from './moved-clock.ts';

moveClockByHand();

const HOST = 'host';
const LEASE_MS = 10_000;
const ASIDE_MS = 60_000;

let options: { url: string; namespace: string };
let redis: Redis;
let clock: MovedClock;
let store: RedisStore;
let said: string[];

beforeEach(async () => {
  options = { url: inject('redisUrl'), namespace: `test-${randomUUID()}` };
  redis = new Redis(options.url);
  clock = await new MovedClock(options.url, options.namespace).begin();
  said = [];
  const ignore = (): void => {};
  const error = (facts: object, message: string): void =>
    void said.push(`${message} ${JSON.stringify(facts)}`);
  const logger: Logger = { debug: ignore, info: ignore, warn: ignore, error };
  store = new RedisStore({ ...options, logger });
});

afterEach(async () => {
  await store.close();
  clock.close();
  redis.disconnect();
});

async function create(id: string, count = 1): Promise<void> {
  const urls = Array.from({ length: count }, (_, index) => `https://a.example/${index}`);
  await store.create({ id, urls, host: HOST, options: {}, metadata: { for: id } });
}

function claim(limit = 10): Promise<Claimed> {
  return store.queue.claim({ host: HOST, limit, leaseMs: LEASE_MS, workerId: 'worker' });
}

function jobsOf({ leases }: Claimed): readonly string[] {
  return leases.map(({ jobId }) => jobId);
}

async function wellAfterwards(): Promise<void> {
  expect((await checkInvariants(options)).violations).toEqual([]);
}

/** Puts something else in the place of a key. Answers the function that puts it back. */
async function breakKey(suffix: string): Promise<() => Promise<void>> {
  const key = `{${options.namespace}}:${suffix}`;
  const aside = `${key} as it was`;
  const isThere = (await redis.exists(key)) === 1;
  const isString = (await redis.type(key)) === 'string';
  if (isThere) await redis.rename(key, aside);
  if (isString) await redis.rpush(key, 'broken');
  else await redis.set(key, 'broken');
  return async () => {
    await redis.del(key);
    if (isThere) await redis.rename(aside, key);
  };
}

const PARTS = ['', ':info', ':u:0', ':r:0', ':held', ':expired', ':delayed', ':failed', ':hashes'];

it.each(PARTS)(
  'a job whose key %j is broken stops no other, and goes on when it is repaired',
  async (part) => {
    await create('broken', 2);
    await create('sound', 1);
    const repair = await breakKey(`j:broken${part}`);
    const claimed = await claim();
    expect(jobsOf(claimed)).toEqual(['sound']);
    expect(claimed.nextInMs).toBe(LEASE_MS);
    await settle(claimed.leases);
    const { nextInMs } = await claim();
    expect(nextInMs).toBe(ASIDE_MS);

    await clock.elapse(ASIDE_MS);
    expect((await claim()).leases).toEqual([]);
    await repair();
    await clock.elapse(ASIDE_MS);
    expect(jobsOf(await claim())).toEqual(['broken', 'broken']);
    await wellAfterwards();
  },
);

it('what waits for the turn of a broken job looks again when that may be repaired, not at once', async () => {
  await create('broken');
  await breakKey('j:broken:u:0');
  await claim();
  const over = new AbortController();
  let isOver = false;
  const waited = store.queue
    .wait({ host: HOST, timeoutMs: 20_000, signal: over.signal })
    .finally(() => {
      isOver = true;
    })
    .catch(() => {});
  // Time for some looks: each is a round trip like this one.
  for (let round = 0; round < 50; round += 1) await redis.ping();
  expect(isOver).toBe(false);
  over.abort();
  await waited;
});

it('a broken job is told of once, with its key', async () => {
  await create('broken');
  await create('broken too');
  await breakKey('j:broken:u:0');
  await breakKey('j:broken too');
  for (let round = 0; round < 3; round += 1) {
    await claim();
    await clock.elapse(ASIDE_MS);
  }
  expect(said.length).toBe(2);
  expect(said[0]).toContain('a job is passed over until its key is repaired');
  expect(said[0]).toContain(`{${options.namespace}}:j:broken:u:0 is a string`);
});

it('leases of a broken job that run out are put off, and those of others are taken over', async () => {
  await create('broken', 2);
  await create('sound', 2);
  await claim();
  const repair = await breakKey('j:broken:r:0');
  await clock.elapse(LEASE_MS);
  const claimed = await claim();
  expect(jobsOf(claimed)).toEqual(['sound', 'sound']);
  expect(claimed.nextInMs).toBe(LEASE_MS);
  await repair();
  await clock.elapse(ASIDE_MS);
  expect([...jobsOf(await claim())].sort()).toEqual(['broken', 'broken', 'sound', 'sound']);
  await wellAfterwards();
});

it('a broken job that waits for its time is put off, and others that do are claimed', async () => {
  await create('broken');
  await create('sound');
  const { leases } = await claim();
  await store.queue.release(leases.map((lease) => ({ lease, delayMs: 50, countAttempt: true, posts: 0 })));
  const repair = await breakKey('j:broken');
  await clock.elapse(50);
  expect(jobsOf(await claim())).toEqual(['sound']);
  await repair();
  await clock.elapse(ASIDE_MS);
  expect(jobsOf(await claim())).toContain('broken');
  await wellAfterwards();
});

it('more broken jobs than one claim looks at do not hide the one behind them', async () => {
  for (let job = 0; job < 250; job += 1) {
    await create(`broken ${job}`);
    await redis.set(`{${options.namespace}}:j:broken ${job}`, 'broken');
  }
  await create('sound');
  const claimed: string[] = [];
  for (let round = 0; round < 3; round += 1) claimed.push(...jobsOf(await claim()));
  expect(claimed).toEqual(['sound']);
  expect((await claim()).nextInMs).toBe(LEASE_MS);
});

it('what a claim had leased of a job before it came upon a broken key is leased', async () => {
  await create('broken', 150);
  const repair = await breakKey('j:broken:r:1');
  expect((await claim(150)).leases.length).toBe(100);
  await repair();
  await clock.elapse(ASIDE_MS);
  expect((await claim(150)).leases.length).toBe(150);
  await wellAfterwards();
});

function settle(leases: readonly Lease[]): ReturnType<RedisStore['settle']> {
  return store.settle(
    leases.map((lease) => ({
      lease,
      outcome: {
        status: 'complete',
        link: `https://links.example/${lease.token}`,
        bytes: 1,
        type: 'image/png',
      },
      posts: 1,
    })),
  );
}

it('outcomes of other jobs are recorded beside one of a broken job, of which nothing is known', async () => {
  await create('broken');
  await create('sound');
  const { leases } = await claim();
  const repair = await breakKey('j:broken:held');
  expect(await settle(leases)).toMatchObject([
    { status: 'lost', reason: 'unknown' },
    { status: 'settled', jobFinished: true, job: { id: 'sound' } },
  ]);
  await repair();
  expect(await settle(leases)).toMatchObject([
    { status: 'settled', jobFinished: true, job: { id: 'broken' } },
    { status: 'settled', jobFinished: true, job: { id: 'sound' } },
  ]);
  await wellAfterwards();
});

it('leases of other jobs are given back beside one of a broken job, which runs out', async () => {
  await create('broken');
  await create('sound');
  const { leases } = await claim();
  const repair = await breakKey('j:broken:u:0');
  const failure = { code: 'source_timeout', message: 'too late' } as const;
  await store.queue.release(
    leases.map((lease) => ({ lease, delayMs: 0, countAttempt: true, posts: 0, failure })),
  );
  expect(await store.get('sound')).toMatchObject({ waiting: 1, claimed: 0 });
  await repair();
  await clock.elapse(LEASE_MS);
  expect([...jobsOf(await claim())].sort()).toEqual(['broken', 'sound']);
  await wellAfterwards();
});

it('a lease of a broken job can be extended', async () => {
  await create('broken');
  await create('sound');
  const { leases } = await claim();
  const repair = await breakKey('j:broken');
  expect(await store.queue.extend(leases, 5 * LEASE_MS)).toEqual([]);
  await repair();
  await clock.elapse(4 * LEASE_MS);
  expect((await claim()).leases).toEqual([]);
  await wellAfterwards();
});

it('outcomes are recorded when what the host allows can not be read', async () => {
  await create('a job');
  const scope = { host: HOST, limit: 1, leaseMs: LEASE_MS, workerId: 'worker', budget: ['bucket'] };
  const { leases } = await store.queue.claim(scope);
  await breakKey('bucket:bucket');
  expect(await settle(leases)).toMatchObject([{ status: 'settled', jobFinished: true }]);
  await expect(store.queue.claim(scope)).rejects.toThrow(/bucket:bucket is a string/);
});

it('jobs are still claimed when what is over can not be forgotten, which is told once', async () => {
  await create('a job', 2);
  await breakKey('trash');
  expect([...jobsOf(await claim(1)), ...jobsOf(await claim(1))]).toEqual(['a job', 'a job']);
  expect(said).toEqual([expect.stringContaining('trash is a string, where LLEN finds nothing')]);
});

it('a check reports a broken job and goes on with the others', async () => {
  for (const id of ['first', 'broken', 'torn', 'last']) await create(id, 3);
  await redis.hincrby(`{${options.namespace}}:j:last`, 'failed', 1);
  await breakKey('j:broken');
  await breakKey('j:torn:r:0');
  await breakKey('j:torn:held');
  await breakKey('worker:worker');
  expect(await checkInvariants(options)).toEqual({
    jobs: 4,
    violations: [
      expect.stringMatching(/^job broken: .*:j:broken is a string/),
      expect.stringMatching(/^job torn: .*:j:torn:held is a string; it must be a zset/),
      expect.stringMatching(/^job torn: .*:j:torn:r:0 is a string; it must be a hash/),
      'job last: it counts 1 failed and its records say 0',
    ],
  });
});

it('a check reports broken keys that all jobs share, and goes on', async () => {
  await create('a job');
  await breakKey('totals');
  await breakKey('links');
  await redis.hincrby(`{${options.namespace}}:j:a job`, 'failed', 1);
  expect((await checkInvariants(options)).violations).toEqual([
    expect.stringContaining('links is a string; it must be a list'),
    expect.stringContaining('totals is a string; it must be a hash'),
    'job a job: it counts 1 failed and its records say 0',
  ]);
});

it('a broken job is left out where jobs are listed, and is kept until it is repaired', async () => {
  await create('broken');
  await create('sound');
  await store.cancel('broken');
  const repair = await breakKey('j:broken');
  expect((await store.list()).items.map(({ id }) => id)).toEqual(['sound']);
  await clock.elapse(7 * 24 * 3_600_000);
  await claim();
  await repair();
  expect(await redis.exists(`{${options.namespace}}:j:broken`)).toBe(1);
  await clock.elapse(ASIDE_MS);
  await claim();
  expect(await redis.exists(`{${options.namespace}}:j:broken`)).toBe(0);
  await wellAfterwards();
});

it('a worker whose key is broken keeps no command from the others', async () => {
  for (const id of ['broken', 'sound']) await store.fleet.beat(aWorker({ id }), ASIDE_MS);
  await breakKey('worker:broken');
  expect((await store.fleet.list()).map(({ id }) => id)).toEqual(['sound']);
  expect(await store.fleet.command('all', { type: 'drain' })).toBe(1);
  await expect(store.fleet.command({ workerId: 'broken' }, { type: 'drain' })).rejects.toThrow(
    /worker:broken/,
  );
});

it('a job is not told of as passed over while what it gives out can be read', async () => {
  await create('job', 1_001);
  const [first] = (await claim(1_000)).leases;
  await store.queue.release([{ lease: first as Lease, delayMs: 0, countAttempt: false, posts: 0 }], []);
  await breakKey('j:job:u:1');
  const { leases } = await claim(1);
  expect(leases.map(({ index }) => index)).toEqual([0]);
  expect(said).toEqual([]);
  expect(jobsOf(await claim(1))).toEqual([]);
  expect(said).toHaveLength(1);
});

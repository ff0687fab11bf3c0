import { randomUUID } from 'node:crypto';

import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';

import type { Lease, Outcome, Settlement } from '@imgferry/core';
import { checkInvariants, RedisStore } from '../src/index.ts';
import { MovedClock, moveClockByHand } from './moved-clock.ts';

// Uploads that were never claimed before are given out together, and completed without a look at what is kept of them.
// What they have in common is done once, so these jobs have more than one, and one more than is settled: the last of a job
// goes another way.
moveClockByHand();

const HOST = 'host';
const SCOPE = ['bucket', 'other'];
const RETENTION_MS = 1_000;

let options: { url: string; namespace: string };
let redis: Redis;
let clock: MovedClock;
let store: RedisStore;

beforeEach(async () => {
  options = { url: inject('redisUrl'), namespace: `test-${randomUUID()}` };
  redis = new Redis(options.url);
  clock = await new MovedClock(options.url, options.namespace).begin();
  store = new RedisStore({ ...options, retentionMs: RETENTION_MS });
  const buckets = SCOPE.map((bucket) => ({ bucket, remaining: 1_000, resetInMs: 1e9 }));
  await store.budget.observe({ scope: SCOPE, buckets });
});

afterEach(async () => {
  expect((await checkInvariants(options)).violations).toEqual([]);
  await store.close();
  clock.close();
  redis.disconnect();
});

async function create(id: string, count: number): Promise<void> {
  const urls = Array.from({ length: count }, (_, index) => `https://a.example/${index}.jpg`);
  await store.create({ id, urls, host: HOST, options: {} });
}

async function claim(limit: number): Promise<readonly Lease[]> {
  const claim = { host: HOST, limit, leaseMs: 60_000, workerId: 'worker', budget: SCOPE };
  return (await store.queue.claim({ ...claim, shortestTurn: limit })).leases;
}

function outcomeOf({ index }: Lease): Outcome {
  const facts = { bytes: 100 + index, type: index % 2 === 0 ? 'image/jpeg' : 'image/x-other' };
  const size = index % 3 === 0 ? {} : { width: index, height: 2 * index };
  const secret = index % 2 === 0 ? { deleteHash: `secret ${index}` } : {};
  return { status: 'complete', link: `https://links.example/${index}.jpg`, ...facts, ...size, ...secret };
}

function complete(leases: readonly Lease[], posts = 1): Promise<readonly Settlement[]> {
  return store.settle(leases.map((lease) => ({ lease, outcome: outcomeOf(lease), posts })));
}

function reasons(settlements: readonly Settlement[]): readonly (string | undefined)[] {
  return settlements.map((each) => (each.status === 'lost' ? each.reason : undefined));
}

it('what is told of each upload is kept with it, whichever hundred of its job it is in', async () => {
  await create('a job', 131);
  await complete(await claim(97));
  await clock.elapse(70);
  const leases = await claim(33);
  expect(leases.map(({ index, url }) => [index, url])).toEqual(
    Array.from({ length: 33 }, (_, at) => [97 + at, `https://a.example/${97 + at}.jpg`]),
  );
  expect(new Set(leases.map(({ token }) => token)).size).toBe(33);
  await clock.elapse(70);
  const startedAt = clock.now - 70;
  expect(await complete(leases.toReversed())).toEqual(
    leases.map(() => ({ status: 'settled', jobFinished: false })),
  );
  const uploads = (await store.uploads('a job', { limit: 131 }))?.items ?? [];
  for (const { index } of leases) {
    const { status: _, deleteHash, ...told } = { deleteHash: undefined, ...outcomeOf({ index } as Lease) };
    expect(uploads[index]).toEqual({
      ...{ jobId: 'a job', index, url: `https://a.example/${index}.jpg`, status: 'complete', failure: null },
      ...{ attempts: 1, width: null, height: null, possiblyDuplicated: false, reused: false, paused: false },
      ...{ startedAt, finishedAt: clock.now, ...told },
    });
  }
  expect(uploads.map(({ status }) => status)).toEqual([
    ...Array.from({ length: 130 }, () => 'complete'),
    'waiting',
  ]);
  const hashes = await store.deleteHashes('a job');
  expect(hashes.at(-1)).toEqual({
    index: 128,
    link: 'https://links.example/128.jpg',
    deleteHash: 'secret 128',
  });
});

it('what was claimed at other times has begun then, also when it is settled in one call', async () => {
  await create('a job', 7);
  const begun: number[] = [];
  const leases: Lease[] = [];
  for (const count of [2, 2, 2]) {
    leases.push(...(await claim(count)));
    begun.push(clock.now, clock.now);
    await clock.elapse(70);
  }
  await complete(leases.toSorted((one, other) => (one.index % 2) - (other.index % 2)));
  const page = await store.uploads('a job');
  expect(page?.items.slice(0, 6).map(({ startedAt }) => startedAt)).toEqual(begun);
});

it('an outcome that comes twice in one call is one', async () => {
  await create('a job', 4);
  const leases = await claim(3);
  const settlements = await complete([...leases, ...leases.toReversed()]);
  expect(settlements.map(({ status }) => status)).toEqual(Array.from({ length: 6 }, () => 'settled'));
  expect(await store.get('a job')).toMatchObject({ waiting: 1, claimed: 0, complete: 3 });
  expect((await store.stats()).totals).toMatchObject({ uploadsComplete: 3 });
});

it('what was taken of the budget comes back, less what was sent', async () => {
  await create('a job', 4);
  const leases = await claim(3);
  for (const lease of leases.slice(0, 2)) await store.budget.charge(lease);
  expect((await store.budget.read(SCOPE)).buckets).toMatchObject([{ inFlight: 5 }, { inFlight: 5 }]);
  await complete(leases.slice(0, 2), 2);
  const left = { remaining: 996, inFlight: 1 };
  expect((await store.budget.read(SCOPE)).buckets).toMatchObject([left, left]);
});

it('what is completed is counted, by its minute and by how long it took', async () => {
  await create('a job', 4);
  const leases = await claim(3);
  await clock.elapse(70);
  await complete(leases);
  const stats = await store.stats();
  expect(stats.totals).toMatchObject({ uploadsComplete: 3, bytes: 303 });
  expect(stats.queue).toMatchObject({ waiting: 1, claimed: 0 });
  expect((await store.links()).items).toHaveLength(3);
  const fields = await redis.hgetall(`{${options.namespace}}:durations`);
  expect(fields.all).toBe('0 3 0 0 0 0 0 0 0 0 0 0 0 210');
});

it('a claim that a broken key stops has taken nothing of what waits to run again', async () => {
  await create('a job', 2);
  const before = await claim(1);
  await store.queue.release(before.map((lease) => ({ lease, delayMs: 0, countAttempt: true, posts: 0 })));
  await create('another', 1);
  const [key, aside] = ['in-progress', 'aside'].map((name) => `{${options.namespace}}:${name}`);
  await redis.rename(key ?? '', aside ?? '');
  await redis.set(key ?? '', 'broken');
  await expect(claim(10)).rejects.toThrow('in-progress');
  await redis.rename(aside ?? '', key ?? '');
  const claimed = (await claim(10)).map(({ jobId, index }) => `${jobId} ${index}`);
  expect(claimed.toSorted()).toEqual(['a job 0', 'a job 1', 'another 0']);
});

it('what is settled in one call is told and listed in the order of the call, whatever ran before', async () => {
  await create('a job', 5);
  await create('another', 3);
  const again = await claim(1);
  await store.queue.release(again.map((lease) => ({ lease, delayMs: 0, countAttempt: true, posts: 0 })));
  const leases = await claim(6);
  const placed = (id: string, index: number): Lease => {
    const found = leases.find((lease) => lease.jobId === id && lease.index === index);
    if (found === undefined) throw new Error(`upload ${index} of ${id} was not claimed`);
    return found;
  };
  const order = [placed('a job', 2), placed('a job', 0), placed('another', 0), placed('a job', 1)];
  const links = order.map(
    ({ jobId, index }) => `https://links.example/${jobId.replace(' ', '-')}/${index}.jpg`,
  );
  await store.settle(
    order.map((lease, at) => ({
      lease,
      outcome: { status: 'complete', link: links[at] ?? '', bytes: 1, type: 'image/png' },
      posts: 1,
    })),
  );
  expect((await store.links({ limit: 10 })).items).toEqual(links);
  const [newest] = await redis.xrevrange(`{${options.namespace}}:events`, '+', '-', 'COUNT', 1);
  const told = String(newest?.[1]).replaceAll('\\/', '/');
  const places = links.map((link) => told.indexOf(link));
  expect(Math.min(...places)).toBeGreaterThan(0);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
});

it('what has finished has done so when it did, also when the clock was set back meanwhile', async () => {
  await create('a job', 3);
  await clock.elapse(-1_000);
  const leases = await claim(2);
  await clock.elapse(500);
  const at = clock.now;
  const failed = { status: 'failed', failure: { code: 'source_status', message: 'gone' } } as const;
  const [first, second] = leases;
  if (first === undefined || second === undefined) throw new Error('two can be claimed');
  await store.settle([
    { lease: first, outcome: outcomeOf(first), posts: 1 },
    { lease: second, outcome: failed, posts: 1 },
  ]);
  const finished = (await store.uploads('a job'))?.items.map(({ finishedAt }) => finishedAt);
  expect(finished).toEqual([at, at, null]);
});

it('a token proves the lease of its own upload, and of none that was claimed with it', async () => {
  await create('a job', 4);
  const [first, second] = await claim(3);
  if (first === undefined || second === undefined) throw new Error('three can be claimed');
  expect(reasons(await complete([{ ...first, index: 1 }, second]))).toEqual(['replaced', undefined]);
  expect(reasons(await complete([first]))).toEqual([undefined]);
});

it('a lease of a job that is over is none of the next one with its id', async () => {
  await create('a job', 3);
  const leases = await claim(2);
  await store.cancel('a job');
  await clock.elapse(RETENTION_MS + 1);
  await create('a job', 3);
  expect(reasons(await complete(leases))).toEqual(['cancelled', 'cancelled']);
  expect(await store.get('a job')).toMatchObject({ waiting: 3, complete: 0 });
});

it('an upload that was cancelled before it ever ran still tells of it while it runs', async () => {
  await create('a job', 3);
  await store.cancel('a job');
  await store.retry('a job');
  await claim(2);
  const cancelled = { status: 'claimed', failure: { code: 'cancelled' }, attempts: 1 };
  expect((await store.uploads('a job'))?.items.slice(0, 2)).toMatchObject([cancelled, cancelled]);
});

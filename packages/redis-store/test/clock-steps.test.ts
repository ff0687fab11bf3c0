import { randomUUID } from 'node:crypto';

import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';

import { type Lease, type NewJob, StoreUnavailableError } from '@imgferry/core';
import { Connection } from '../src/connection.ts';
import { createJob } from '../src/create-job.ts';
import { checkInvariants, RedisStore } from '../src/index.ts';
import { resolveOptions } from '../src/options.ts';
import type { StepName } from '../src/step-text.ts';
import { MovedClock, moveClockByHand } from './moved-clock.ts';

moveClockByHand();

const HOST = 'host';
const LEASE_MS = 15_000;
const HOUR_MS = 3_600_000;

let options: { url: string; namespace: string };
let redis: Redis;
let clock: MovedClock;
let store: RedisStore;

beforeEach(async () => {
  options = { url: inject('redisUrl'), namespace: `test-${randomUUID()}` };
  redis = new Redis(options.url);
  clock = await new MovedClock(options.url, options.namespace).begin();
  store = new RedisStore(options);
});

afterEach(async () => {
  await store.close();
  clock.close();
  redis.disconnect();
});

function jobOf(count: number, more: Partial<NewJob> = {}): NewJob {
  const urls = Array.from({ length: count }, (_, index) => `https://a.example/${index}`);
  return { id: randomUUID(), urls, host: HOST, options: {}, ...more };
}

async function claim(limit: number): Promise<readonly Lease[]> {
  return (await store.queue.claim({ host: HOST, limit, leaseMs: LEASE_MS, workerId: 'worker' })).leases;
}

function settle(leases: readonly Lease[]): ReturnType<RedisStore['settle']> {
  return store.settle(
    leases.map((lease) => ({
      lease,
      outcome: {
        status: 'complete',
        link: `https://links.example/${lease.index}`,
        bytes: 1,
        type: 'image/png',
      },
      posts: 1,
    })),
  );
}

async function wellAfterwards(): Promise<void> {
  expect((await checkInvariants(options)).violations).toEqual([]);
}

it('a clock that is set back by an hour only makes leases last longer', async () => {
  const job = jobOf(20);
  await store.create(job);
  const leases = await claim(10);
  await clock.elapse(-HOUR_MS);
  expect(await claim(20)).toHaveLength(10);
  expect(await store.queue.extend(leases.slice(0, 1), LEASE_MS)).toEqual([]);
  await clock.elapse(LEASE_MS + 1);
  // Those that were claimed or extended since have run out; the others last until it is as late as it was.
  expect((await claim(20)).length).toBe(11);
  await clock.elapse(HOUR_MS - LEASE_MS - 2);
  expect((await claim(20)).length).toBe(11);
  const settled = await settle(leases.slice(1));
  expect(settled.filter(({ status }) => status === 'settled')).toHaveLength(9);
  expect(await store.get(job.id)).toMatchObject({ complete: 9, claimed: 11 });
  await wellAfterwards();
});

it('a clock that is set forward takes over at most a hundred leases in a claim, each of them once', async () => {
  const job = jobOf(450);
  await store.create(job);
  const before = await claim(450);
  await clock.elapse(HOUR_MS);
  const after: Lease[] = [];
  while (after.length < 450) {
    const taken = await claim(450);
    expect(taken.length).toBeLessThanOrEqual(100);
    expect(taken.length).toBeGreaterThan(0);
    after.push(...taken);
  }
  expect(after.map(({ index }) => index).sort((a, b) => a - b)).toEqual(job.urls.map((_, index) => index));
  expect((await settle(before)).every(({ status }) => status === 'lost')).toBe(true);
  expect((await settle(after)).every(({ status }) => status === 'settled')).toBe(true);
  expect(await store.get(job.id)).toMatchObject({
    status: 'complete',
    complete: 450,
    possiblyDuplicated: 450,
  });
  expect((await store.links({ limit: 1_000 })).items).toHaveLength(450);
  await wellAfterwards();
});

it('leases that a clock set forward would end are kept by those who extend them first', async () => {
  await store.create(jobOf(300));
  const leases = await claim(300);
  await clock.elapse(HOUR_MS);
  const [taken = expect.fail('something ran out')] = await claim(1);
  const lost = await store.queue.extend(leases, LEASE_MS);
  expect(lost.map(({ lease }) => lease.index)).toEqual([taken.index]);
  expect(await claim(300)).toEqual([]);
  await wellAfterwards();
});

it('leases of a claim that is answered again last from then on', async () => {
  await store.create(jobOf(3));
  const connection = new Connection(resolveOptions(options));
  const claimAs = (number: number) =>
    connection.run('claim', [HOST, 3, LEASE_MS, '[]', 'slot', number, HOUR_MS, 1e4]);
  const first = await claimAs(1);
  await clock.elapse(LEASE_MS - 1);
  const [leases, , , , jobs] = first as readonly unknown[];
  expect(await claimAs(1)).toEqual([leases, 1, [], [], jobs]);
  await clock.elapse(2);
  expect(await claim(3)).toEqual([]);
  await connection.close();
});

/** Loses its way to Redis after so many steps. */
class DyingConnection extends Connection {
  stepsLeft = Number.POSITIVE_INFINITY;

  override run(step: StepName, args: readonly (string | number)[]): Promise<unknown> {
    if (this.stepsLeft === 0) return Promise.reject(new StoreUnavailableError('the process is gone'));
    this.stepsLeft -= 1;
    return super.run(step, args);
  }
}

/** Brings the first two of four parts of a job. */
async function dieWhileSubmitting(job: NewJob): Promise<void> {
  const connection = new DyingConnection(resolveOptions(options));
  connection.stepsLeft = 3;
  await expect(createJob(connection, job, 1e4)).rejects.toThrow('the process is gone');
  await connection.close();
}

function keysOfJobs(): Promise<readonly string[]> {
  return redis.keys(`{${options.namespace}}:j:*`);
}

it('a submit that died half-way is never claimable, and is removed after an hour', async () => {
  const job = jobOf(3_500);
  await dieWhileSubmitting(job);
  expect(await keysOfJobs()).toHaveLength(2);
  expect(await claim(10)).toEqual([]);
  expect(await store.get(job.id)).toBeUndefined();
  expect((await store.list()).items).toEqual([]);
  expect(await store.stats()).toMatchObject({ queue: { waiting: 0, liveJobs: 0 } });
  await clock.elapse(HOUR_MS - 1);
  await claim(10);
  expect(await keysOfJobs()).toHaveLength(2);
  await clock.elapse(2);
  expect(await claim(10)).toEqual([]);
  expect(await keysOfJobs()).toEqual([]);
  expect(
    await redis.exists(...['staging', 'staged', 'trash'].map((key) => `{${options.namespace}}:${key}`)),
  ).toBe(0);
});

it('the same idempotency key, sent again after a submit that died half-way, completes it', async () => {
  const idempotency = { key: 'key', fingerprint: 'print', ttlMs: HOUR_MS };
  const dead = jobOf(3_500, { idempotency });
  await dieWhileSubmitting(dead);
  const again = jobOf(3_500, { idempotency });
  expect(await store.create(again)).toMatchObject({ status: 'created', job: { id: again.id, total: 3_500 } });
  expect(await store.create(jobOf(3_500, { idempotency }))).toMatchObject({
    status: 'existing',
    job: { id: again.id },
  });
  await clock.elapse(HOUR_MS + 1);
  const claimed: string[] = [];
  for (let leases = await claim(1_000); leases.length > 0; leases = await claim(1_000)) {
    claimed.push(...leases.map(({ url }) => url));
    await settle(leases);
  }
  expect(claimed).toEqual(again.urls);
  expect((await keysOfJobs()).some((key) => key.includes(dead.id))).toBe(false);
  await wellAfterwards();
});

it('a submit that died half-way can be completed under its own id', async () => {
  const job = jobOf(3_500);
  await dieWhileSubmitting(job);
  await clock.elapse(HOUR_MS + 1);
  expect(await store.create(job)).toMatchObject({ status: 'created' });
  await clock.elapse(HOUR_MS + 1);
  await store.create(jobOf(1));
  expect(await redis.llen(`{${options.namespace}}:j:${job.id}:u:0`)).toBe(1_000);
  const claimed = (await claim(2_000)).filter(({ jobId }) => jobId === job.id);
  expect(claimed.map(({ url }) => url)).toEqual(job.urls.slice(0, 1_999));
  await wellAfterwards();
});

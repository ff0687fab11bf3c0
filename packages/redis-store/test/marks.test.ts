import { randomUUID } from 'node:crypto';

import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';

import type { Lease } from '@imgferry/core';
import { checkInvariants, RedisStore } from '../src/index.ts';

const HOST = 'host';
const URLS = [0, 1, 2].map((index) => `https://a.example/${index}`);

let options: { url: string; namespace: string };
let store: RedisStore;

beforeEach(() => {
  options = { url: inject('redisUrl'), namespace: `test-${randomUUID()}` };
  store = new RedisStore(options);
});

afterEach(() => store.close());

async function claimAll(): Promise<readonly Lease[]> {
  return (await store.queue.claim({ host: HOST, limit: 9, leaseMs: 60_000, workerId: 'worker' })).leases;
}

function fail(leases: readonly Lease[]): ReturnType<RedisStore['settle']> {
  const outcome = { status: 'failed', failure: { code: 'source_status', message: 'gone' } } as const;
  return store.settle(leases.map((lease) => ({ lease, outcome, posts: 0 })));
}

async function codes(): Promise<readonly string[]> {
  const page = await store.uploads('a job');
  return (page?.items ?? []).map(({ status, failure }) => `${status} ${failure?.code}`);
}

it('what was retried and cancelled before it ran again has failed as cancelled', async () => {
  await store.create({ id: 'a job', urls: URLS, host: HOST, options: {} });
  await fail(await claimAll());
  await store.retry('a job');
  await store.cancel('a job');
  expect(await codes()).toEqual(URLS.map(() => 'failed cancelled'));
  expect((await checkInvariants(options)).violations).toEqual([]);
});

it('attempts go on and those of a run begin anew, whatever marks have come between', async () => {
  await store.create({ id: 'a job', urls: URLS, host: HOST, options: {} });
  const attempts = (leases: readonly Lease[]) => leases.map((lease) => [lease.attempt, lease.runAttempt]);
  await fail(await claimAll());
  await store.retry('a job');
  await store.cancel('a job');
  await store.retry('a job', { urls: URLS.slice(1) });
  await store.retry('a job');
  const again = await claimAll();
  expect(attempts(again)).toEqual(URLS.map(() => [2, 1]));
  await store.cancel('a job');
  await store.retry('a job');
  expect(attempts(await claimAll())).toEqual(URLS.map(() => [3, 1]));
  expect((await checkInvariants(options)).violations).toEqual([]);
});

it('what an upload had of attempts before is kept of those alone that were retried', async () => {
  await store.create({ id: 'a job', urls: URLS, host: HOST, options: {} });
  await fail((await claimAll()).slice(0, 2));
  await store.retry('a job', { urls: URLS.slice(0, 1) });
  const redis = new Redis(options.url);
  const records = await redis.hvalsBuffer(`{${options.namespace}}:j:a job:r:0`);
  redis.disconnect();
  await fail(await claimAll());
  // Each begins with its number of fields, as MessagePack writes an array of more than 15.
  expect(records.map((record) => record.readUInt16BE(1))).toEqual([18, 18, 18]);
});

it('what was cancelled and retried over and over runs again once', async () => {
  await store.create({ id: 'a job', urls: URLS, host: HOST, options: {} });
  await fail(await claimAll());
  for (let round = 0; round < 5; round += 1) {
    await store.retry('a job');
    await store.cancel('a job');
  }
  await store.retry('a job');
  expect(await codes()).toEqual(URLS.map(() => 'waiting cancelled'));
  expect((await claimAll()).map(({ index }) => index).sort()).toEqual([0, 1, 2]);
  expect((await checkInvariants(options)).violations).toEqual([]);
});

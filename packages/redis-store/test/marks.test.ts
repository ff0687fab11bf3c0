import { randomUUID } from 'node:crypto';

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

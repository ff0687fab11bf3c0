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

it('a page that begins and ends within the hashes of its records has each upload at its place', async () => {
  const urls = Array.from({ length: 2_150 }, (_, index) => `https://a.example/${index}`);
  await store.create({ id: 'a job', urls, host: HOST, options: {} });
  const claim = { host: HOST, limit: 1_030, leaseMs: 60_000, workerId: 'worker' };
  const { leases } = await store.queue.claim(claim);
  const image = { status: 'complete', bytes: 1, type: 'image/png' } as const;
  const complete = (lease: Lease) => ({
    lease,
    posts: 1,
    outcome: { ...image, link: `https://b.example/${lease.index}.jpg` },
  });
  await store.settle(leases.map(complete));
  const expected = urls.map((url, index) => ({
    index,
    url,
    link: index < 1_030 ? `https://b.example/${index}.jpg` : null,
  }));
  const read = async (limit: number, status?: 'waiting'): Promise<unknown[]> => {
    const items: unknown[] = [];
    for (let cursor: string | undefined; ; ) {
      const options = { limit, ...(cursor && { cursor }), ...(status && { status }) };
      const page = await store.uploads('a job', options);
      items.push(...(page?.items ?? []).map(({ index, url, link }) => ({ index, url, link })));
      cursor = page?.next;
      if (cursor === undefined) return items;
    }
  };
  expect(await read(93)).toEqual(expected);
  expect(await read(1_500)).toEqual(expected);
  expect(await read(70, 'waiting')).toEqual(expected.slice(1_030));
});

import { randomUUID } from 'node:crypto';

import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { type JobFilter, silentLogger } from '@imgferry/core';
import { type RedisServer, startRedisServer } from '../../../tests/setup/redis-server.ts';
import { RedisStore } from '../src/index.ts';

const JOBS = 5_200;

let server: RedisServer;
let redis: Redis;
/** In which each of many jobs waits. */
let namespace: string;
let store: RedisStore;

beforeAll(async () => {
  server = await startRedisServer();
  redis = new Redis(server.url);
  namespace = randomUUID();
  store = storeOf(namespace);
  for (let first = 0; first < JOBS; first += 200)
    await Promise.all(Array.from({ length: 200 }, (_, at) => create(store, `job ${first + at}`)));
});

afterAll(async () => {
  await store.close();
  redis.disconnect();
  await server.close();
});

beforeEach(async () => {
  await redis.config('RESETSTAT');
});

function storeOf(name: string): RedisStore {
  return new RedisStore({ url: server.url, namespace: name, logger: silentLogger });
}

function create(where: RedisStore, id: string): Promise<unknown> {
  return where.create({ id, urls: ['https://a.example/1'], host: 'host', options: {} });
}

async function fewJobs(ids: readonly string[]): Promise<RedisStore> {
  const few = storeOf(randomUUID());
  for (const id of ids) await create(few, id);
  return few;
}

/** How many commands there were of these names since the last look, those of scripts included. */
async function callsOf(...names: readonly string[]): Promise<number> {
  const stats = await redis.info('commandstats');
  const counts = names.map((name) => new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(stats)?.[1]);
  return counts.reduce((sum, count) => sum + Number(count ?? 0), 0);
}

describe('a list with a filter', () => {
  it.each<[string, JobFilter, () => Promise<unknown>, () => Promise<unknown>]>([
    [
      'paused',
      { paused: true },
      () => store.pause({ jobId: 'job 7' }),
      () => store.resume({ jobId: 'job 7' }),
    ],
    ['failed', { failed: true }, () => store.cancel('job 7'), () => store.retry('job 7')],
    [
      'status and failed',
      { failed: true, status: 'complete' },
      () => store.cancel('job 7'),
      () => store.retry('job 7'),
    ],
  ])('looks at no others than those that are %s', async (_name, filter, change, undo) => {
    await change();
    await redis.config('RESETSTAT');
    const { items, next } = await store.list({ ...filter, createdBefore: Date.now() + 60_000 });
    expect([items.map(({ id }) => id), next]).toEqual([['job 7'], undefined]);
    expect(await callsOf('evalsha')).toBe(1);
    expect(await callsOf('hget', 'hmget', 'hgetall')).toBeLessThan(10);
    await undo();
    for (const list of ['failing', 'paused-jobs'])
      expect(await redis.zcard(`{${namespace}}:${list}`)).toBe(0);
  });

  it('finds where a time begins in as many looks as there are halves', async () => {
    const { createdAt = 0 } = (await store.get(`job ${JOBS / 2}`)) ?? {};
    await redis.config('RESETSTAT');
    const { items } = await store.list({ createdBefore: createdAt, limit: 10 });
    expect(await callsOf('hget', 'hmget', 'hgetall')).toBeLessThan(60);
    expect(items).toHaveLength(10);
    const all: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await store.list({ limit: 1_000, ...(cursor === undefined ? {} : { cursor }) });
      all.push(...page.items.map((job) => job.createdAt));
      cursor = page.next;
    } while (cursor !== undefined);
    expect(items[0]?.createdAt).toBe(all.find((at) => at < createdAt));
  });

  it('looks at 500 jobs a step and takes ten steps, and then says where to go on', async () => {
    const first = await store.list({ status: 'complete' });
    expect(first.items).toEqual([]);
    expect(await callsOf('evalsha')).toBe(10);
    expect(await callsOf('hmget')).toBe(5_010);
    const { next: cursor = '' } = first;
    expect(await store.list({ status: 'complete', cursor })).toEqual({ items: [], next: undefined });
  });

  it('passes over what can not be read, wherever it stands', async () => {
    const ids = ['1', '2', '3', '4', '5'];
    for (const broken of ids) {
      const few = await fewJobs(ids);
      const prefix = `{${few.settings.namespace}}:`;
      const { createdAt = 0 } = (await few.get('5')) ?? {};
      await redis.set(`${prefix}j:${broken}`, 'no job');
      const others = ids.filter((id) => id !== broken).reverse();
      for (const filter of [
        { status: 'pending' },
        { createdFrom: 1 },
        { createdBefore: createdAt + 1 },
      ] as const)
        expect((await few.list(filter)).items.map(({ id }) => id)).toEqual(others);
      await redis.del(`${prefix}j:${broken}`);
      expect((await few.list({ createdFrom: 1 })).items.map(({ id }) => id)).toEqual(others);
      await few.close();
    }
  });

  it('names the list that somebody has broken', async () => {
    const few = await fewJobs(['1']);
    await redis.set(`{${few.settings.namespace}}:failing`, 'no list');
    await expect(few.list({ failed: true })).rejects.toThrow('failing is a string');
    await expect(few.cancel('1')).rejects.toThrow('failing is a string');
    await expect(few.get('1')).resolves.toMatchObject({ waiting: 1 });
    await few.close();
  });
});

describe('the uploads of one status', () => {
  it('are looked for in ten steps of 1,000, and then it is said where to go on', async () => {
    const urls = Array.from({ length: 10_001 }, (_, at) => `https://a.example/${at}`);
    await store.create({ id: 'a long job', urls, host: 'host', options: {} });
    await redis.config('RESETSTAT');
    const first = await store.uploads('a long job', { status: 'failed' });
    expect(first?.items).toEqual([]);
    expect(await callsOf('evalsha')).toBe(10);
    const page = { status: 'failed', cursor: first?.next ?? '' } as const;
    expect(await store.uploads('a long job', page)).toMatchObject({ items: [], next: undefined });
    await store.cancel('a long job');
    expect((await store.uploads('a long job', page))?.items).toMatchObject([{ index: 10_000 }]);
  });
});

describe('the settings of a Redis store', () => {
  it('are its bounds and its namespace, and neither where Redis is nor a password', async () => {
    const secret = new RedisStore({ url: 'rediss://canary:canary@canary.example:1/0', maxLinks: 7 });
    expect(secret.settings).toEqual({
      namespace: 'imgferry',
      retentionMs: 604_800_000,
      maxEvents: 10_000,
      maxLinks: 7,
      timeoutMs: 1_500,
    });
    expect(store.settings).toMatchObject({ maxLinks: 'unlimited', namespace });
    await secret.close();
  });
});

import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, it } from 'vitest';

import type { PauseTarget } from '@imgferry/core';
import { type RedisServer, startRedisServer } from '../../../tests/setup/redis-server.ts';
import { checkInvariants, RedisStore } from '../src/index.ts';

const NAMESPACE = 'pauses';
const PREFIX = `{${NAMESPACE}}:`;

let server: RedisServer;
let redis: Redis;
let store: RedisStore;

beforeEach(async () => {
  server = await startRedisServer();
  redis = new Redis(server.url);
  store = new RedisStore({ url: server.url, namespace: NAMESPACE, timeoutMs: 20_000 });
  await store.create({ id: 'a job', urls: ['https://a.example/1'], host: 'host', options: {} });
});

afterEach(async () => {
  await store.close();
  redis.disconnect();
  await server.close();
});

/** All keys but the history, of which `maxEvents` is kept, each with what it takes. */
async function bytesOfKeys(): Promise<ReadonlyMap<string, number>> {
  const keys = (await redis.keys(`${PREFIX}*`)).filter((key) => key !== `${PREFIX}events`).sort();
  const bytes = await Promise.all(keys.map((key) => redis.memory('USAGE', key, 'SAMPLES', 0)));
  return new Map(keys.map((key, at) => [key, bytes[at] ?? 0]));
}

function sumOf(bytes: ReadonlyMap<string, number>): number {
  return [...bytes.values()].reduce((sum, each) => sum + each, 0);
}

async function dumps(): Promise<readonly string[]> {
  const keys = (await redis.keys(`${PREFIX}*`)).sort();
  return Promise.all(keys.map(async (key) => `${key} ${(await redis.dumpBuffer(key)).toString('base64')}`));
}

it.each<[string, (round: number) => PauseTarget]>([
  ['a job', () => ({ jobId: 'a job' })],
  ['a host', () => ({ host: 'host' })],
  ['many hosts', (round) => ({ host: `host ${round}` })],
  ['the queue', () => 'queue'],
])('thousands of pauses and resumes of %s take as much as a few hundred', async (_what, targetOf) => {
  const change = async (from: number, to: number): Promise<void> => {
    const changes: Promise<unknown>[] = [];
    for (let round = from; round < to; round += 1)
      changes.push(store.pause(targetOf(round)), store.resume(targetOf(round)));
    for (const each of await Promise.all(changes)) expect(each).toMatchObject({ changed: true });
  };
  await change(0, 100);
  const few = await bytesOfKeys();
  await change(100, 1_100);
  const many = await bytesOfKeys();
  expect([...many.keys()]).toEqual([...few.keys()]);
  // Numbers that count on get longer.
  expect(sumOf(many) - sumOf(few)).toBeLessThan(100);
  expect((await checkInvariants({ client: redis, namespace: NAMESPACE })).violations).toEqual([]);
});

it.each<[string, PauseTarget]>([
  ['a job', { jobId: 'a job' }],
  ['a host', { host: 'host' }],
  ['the queue', 'queue'],
])('a pause of %s that is paused, and a resume of what is not, write nothing', async (_what, what) => {
  const untouched = async (work: () => Promise<unknown>): Promise<void> => {
    const before = await dumps();
    expect(await work()).toMatchObject({ changed: false });
    expect(await dumps()).toEqual(before);
  };
  await untouched(() => store.resume(what));
  await store.pause(what);
  await untouched(() => store.pause(what));
});

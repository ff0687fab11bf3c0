import { randomUUID } from 'node:crypto';

import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { StoreResetError, silentLogger, Uploader } from '@imgferry/core';
import { createFakeHost, createFakeSource, sampleImage } from '@imgferry/core/testing';
import { type RedisServer, startRedisServer } from '../../../tests/setup/redis-server.ts';
import { checkInvariants, RedisStore } from '../src/index.ts';

const URLS = [1, 2, 3].map((index) => `https://a.example/${index}.png`);
const HEARTBEAT_MS = 30;

let server: RedisServer;
let admin: Redis;
let store: RedisStore;

beforeEach(async () => {
  server = await startRedisServer();
  admin = new Redis(server.url);
  store = new RedisStore({ url: server.url, logger: silentLogger });
});

afterEach(async () => {
  await store.close();
  admin.disconnect();
  await server.close();
});

it('a worker whose Redis was emptied tells it once, drops what it held and goes on with new jobs', async () => {
  const source = createFakeSource(Object.fromEntries(URLS.map((url) => [url, sampleImage('image/png')])));
  const hold = source.hold({ times: URLS.length });
  const host = createFakeHost();
  const times = { heartbeatMs: HEARTBEAT_MS, leaseMs: 20 * HEARTBEAT_MS };
  const uploader = new Uploader({ store, source, host, logger: silentLogger, ...times });
  const errors: unknown[] = [];
  uploader.on('error', ({ error }) => errors.push(error));
  const resets = () => errors.filter((error) => error instanceof StoreResetError);
  uploader.start();
  try {
    const { jobId: gone } = await uploader.submit(URLS);
    await hold.waitFor(URLS.length);
    await admin.flushall();
    await expect.poll(resets).toHaveLength(1);
    await expect.poll(() => hold.waiting).toBe(0);
    expect(await uploader.job(gone)).toBeUndefined();
    const { jobId } = await uploader.submit(URLS);
    expect(await uploader.finished(jobId, { signal: AbortSignal.timeout(10_000) })).toMatchObject({
      complete: URLS.length,
    });
    expect(resets()).toHaveLength(1);
    expect((await uploader.links()).items).toHaveLength(URLS.length);
    expect(await checkInvariants({ url: server.url, logger: silentLogger })).toEqual({
      jobs: 1,
      violations: [],
    });
  } finally {
    hold.release();
    await uploader.stop({ timeoutMs: 0 });
  }
});

it('whoever follows a Redis that was emptied is told of a gap, and then of what is new', async () => {
  const urls = URLS;
  const job = (id: string) => ({ id, urls, host: 'host', options: {} });
  await store.create(job(randomUUID()));
  const ending = new AbortController();
  const events = store.events({ signal: ending.signal })[Symbol.asyncIterator]();
  const next = async (): Promise<string | undefined> => (await events.next()).value?.type;
  const first = next();
  await store.create(job(randomUUID()));
  expect(await first).toBe('job:created');
  await aMillisecondLater();
  await admin.flushall();
  const told = [next(), next()];
  await store.create(job(randomUUID()));
  await store.create(job(randomUUID()));
  expect(await told[0]).toBe('gap');
  expect(await told[1]).toBe('job:created');
  // Whatever the last entry of the store before was, the new one does not seem to go on from it.
  const trimmedTo = (await admin.hget('{imgferry}:meta', 'trimmedTo')) ?? '';
  expect(Number(trimmedTo.split('-')[1])).toBeGreaterThan(1e9);
  ending.abort();
  await events.return?.();
});

/** Entries of one millisecond have ids that differ in their number alone, which begins anew with a Redis that was emptied. */
async function aMillisecondLater(): Promise<void> {
  const now = async (): Promise<number> => {
    const [seconds, micros] = await admin.time();
    return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
  };
  const first = await now();
  while ((await now()) === first);
}

import { randomUUID } from 'node:crypto';

import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { type Lease, silentLogger, Uploader, type UploadProgress } from '@imgferry/core';
import { createFakeHost, createFakeSource, sampleImage } from '@imgferry/core/testing';
import { type RedisServer, startRedisServer } from '../../../tests/setup/redis-server.ts';
import { RedisStore, type RedisStoreOptions } from '../src/index.ts';

let server: RedisServer;
let admin: Redis;
let ended: AbortController;
const over: (() => unknown)[] = [];

beforeEach(async () => {
  server = await startRedisServer();
  admin = new Redis(server.url);
  ended = new AbortController();
});

afterEach(async () => {
  ended.abort();
  for (const end of over.splice(0).reverse()) await end();
  admin.disconnect();
  await server.close();
});

function storeOf(options: RedisStoreOptions = { url: server.url }): RedisStore {
  const store = new RedisStore({ logger: silentLogger, ...options });
  over.push(() => store.close());
  return store;
}

/** A job of so many uploads, all of them held. */
async function leasesOf(store: RedisStore, count = 1): Promise<readonly Lease[]> {
  const urls = Array.from({ length: count }, (_, index) => `https://a.example/${index}.png`);
  await store.create({ id: randomUUID(), urls, host: 'host', options: {} });
  const claim = { host: 'host', limit: count, leaseMs: 60_000, workerId: 'worker' };
  return (await store.queue.claim(claim)).leases;
}

async function leaseOf(store: RedisStore): Promise<Lease> {
  return (await leasesOf(store))[0] ?? expect.fail('there is no lease');
}

async function hear(store: RedisStore, jobId: string, signal = ended.signal): Promise<UploadProgress[]> {
  const heard: UploadProgress[] = [];
  await store.hearProgress({ jobId, signal, heard: (each) => heard.push(each), ended: () => {} });
  return heard;
}

/** The channels of jobs that somebody listens to. */
async function channels(): Promise<readonly string[]> {
  return (await admin.pubsub('CHANNELS', '{imgferry}:progress:*')) as string[];
}

async function scripts(): Promise<number> {
  return Number(/cmdstat_evalsha:calls=(\d+)/.exec(await admin.info('commandstats'))?.[1]);
}

it('a machine that runs no worker hears it, and only of jobs that somebody follows there', async () => {
  const [works, listens] = [storeOf(), storeOf()];
  const [lease, other] = [await leaseOf(works), await leaseOf(works)];
  expect(await channels()).toEqual([]);
  const heard = await hear(listens, lease.jobId);
  expect(await channels()).toEqual([`{imgferry}:progress:${lease.jobId}`]);
  await works.tellProgress([
    { lease: other, sentBytes: 1, totalBytes: 2 },
    { lease, sentBytes: 3, totalBytes: 4 },
  ]);
  await expect.poll(() => heard.map(({ sentBytes }) => sentBytes)).toEqual([3]);
});

it('a channel is left with the last who hears it', async () => {
  const store = storeOf();
  const [first, last] = [new AbortController(), new AbortController()];
  await hear(store, 'job', first.signal);
  await hear(store, 'job', last.signal);
  first.abort();
  await hear(store, 'another job');
  expect(await channels()).toHaveLength(2);
  last.abort();
  await expect.poll(channels).toEqual(['{imgferry}:progress:another job']);
});

it('is heard again after the connection that hears was lost', async () => {
  const store = storeOf();
  const lease = await leaseOf(store);
  const heard = await hear(store, lease.jobId);
  await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
  await expect.poll(channels).toHaveLength(1);
  await store.tellProgress([{ lease, sentBytes: 1, totalBytes: 2 }]);
  await expect.poll(() => heard.length).toBe(1);
});

it('what is no progress is passed over, whoever publishes it', async () => {
  const store = storeOf();
  const lease = await leaseOf(store);
  const heard: unknown[] = [];
  const hear = (each: unknown): unknown => heard.push(each);
  await store.hearProgress({ jobId: lease.jobId, signal: ended.signal, heard: hear, ended: hear });
  const right = { index: 0, url: 'u', attempt: 1, sentBytes: 1, totalBytes: 2, at: 3 };
  const wrong = [
    '',
    'null',
    '7',
    '"text"',
    '[]',
    '{}',
    '{"index":',
    ...Object.keys(right).flatMap((name) =>
      [null, {}, -1, 0.5, 1e300].map((value) => JSON.stringify({ ...right, [name]: value })),
    ),
    JSON.stringify({ ...right, url: 'x'.repeat(200_000) }),
    JSON.stringify({ ...right, at: Number.MAX_SAFE_INTEGER }),
    '{"index":-1,"ended":true,"at":3}',
    '{"index":0,"ended":true}',
  ];
  for (const message of wrong) await admin.publish(`{imgferry}:progress:${lease.jobId}`, message);
  await admin.publish(
    `{imgferry}:progress:${lease.jobId}`,
    JSON.stringify({ ...right, jobId: 'other', more: 1 }),
  );
  await expect.poll(() => heard).toEqual([{ ...right, jobId: lease.jobId }]);
});

it('a client that was passed in is never made one that only hears', async () => {
  const client = new Redis(server.url);
  over.push(() => client.disconnect());
  const store = storeOf({ client });
  const lease = await leaseOf(store);
  const heard = await hear(store, lease.jobId);
  expect(await client.get('a key')).toBeNull();
  await store.tellProgress([{ lease, sentBytes: 1, totalBytes: 2 }]);
  await expect.poll(() => heard.length).toBe(1);
  await store.close();
  expect(await client.get('a key')).toBeNull();
});

it('who asks while Redis is away hears it once it is back', async () => {
  const works = storeOf();
  const lease = await leaseOf(works);
  await admin.client('PAUSE', 300, 'ALL');
  const heard = await hear(storeOf({ url: server.url, timeoutMs: 100 }), lease.jobId);
  await works.tellProgress([{ lease, sentBytes: 1, totalBytes: 2 }]);
  await expect.poll(() => heard.length).toBe(1);
});

it('telling of many uploads is one command, and writes nothing', async () => {
  const store = storeOf();
  const leases = await leasesOf(store, 100);
  const [before, keys] = [await scripts(), await admin.dbsize()];
  await store.tellProgress(leases.map((lease) => ({ lease, sentBytes: 1, totalBytes: 2 })));
  expect([await scripts(), await admin.dbsize()]).toEqual([before + 1, keys]);
  await store.tellProgress([]);
  expect(await scripts()).toBe(before + 1);
});

it('uploads that take no time cost no command more, also when somebody follows their progress', async () => {
  const picture = sampleImage('image/png');
  const urls = Array.from({ length: 100 }, (_, index) => `https://a.example/${index}.png`);
  const source = createFakeSource(Object.fromEntries(urls.map((url) => [url, picture])));
  const store = storeOf();
  const telling = vi.spyOn(store, 'tellProgress');
  const uploader = new Uploader({ store, source, host: createFakeHost(), logger: silentLogger });
  const { jobId } = await uploader.submit(urls);
  let moved = 0;
  uploader.on('upload:progressed', () => {
    moved += 1;
  });
  const types = new Set<string>();
  const following = (async () => {
    for await (const { type } of uploader.follow(jobId, { progress: true })) types.add(type);
  })();
  await expect.poll(channels).toHaveLength(1);
  uploader.start();
  await following;
  await uploader.stop();
  expect(moved).toBeGreaterThan(0);
  expect([...types].sort()).toEqual(['job:finished', 'job:started', 'upload:completed']);
  expect(telling).not.toHaveBeenCalled();
  await expect.poll(channels).toEqual([]);
});

it('a follower on another machine sees how far an upload is, until it has ended', async () => {
  const image = sampleImage('image/png');
  const next = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const source = createFakeSource({
    'https://a.example/1.png': {
      bytes: image,
      chunks: 3,
      stream: true,
      beforeChunk: (index) => next[index - 1]?.promise,
    },
  });
  const worker = new Uploader({ store: storeOf(), source, host: createFakeHost(), logger: silentLogger });
  const api = new Uploader({ store: storeOf(), source, host: createFakeHost(), logger: silentLogger });
  over.push(() => worker.stop({ timeoutMs: 0 }));
  const { jobId } = await api.submit(['https://a.example/1.png']);
  const told: string[] = [];
  const following = (async () => {
    for await (const event of api.follow(jobId, { progress: true })) {
      told.push(event.type);
      if (event.type !== 'upload:progressed') continue;
      expect(event).toEqual({
        type: 'upload:progressed',
        jobId,
        index: 0,
        url: 'https://a.example/1.png',
        attempt: 1,
        sentBytes: expect.any(Number),
        totalBytes: image.length,
        at: expect.any(Number),
      });
      next.shift()?.resolve();
    }
  })();
  await expect.poll(channels).toHaveLength(1);
  worker.start();
  await following;
  expect(told.filter((type) => type === 'upload:progressed').length).toBeGreaterThanOrEqual(1);
  expect(told.slice(-2)).toEqual(['upload:completed', 'job:finished']);
});

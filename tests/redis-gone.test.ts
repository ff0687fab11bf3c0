import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';

import { silentLogger, Uploader } from '@imgferry/core';
import { createFakeHost, createFakeSource, sampleImage } from '@imgferry/core/testing';
import { createFetchHandler, toNodeHandler } from '@imgferry/http-adapter';
import { checkInvariants, RedisStore } from '@imgferry/redis-store';
import { type RedisProxy, startRedisProxy } from './setup/redis-proxy.ts';
import { KEEPS_ALL, type RedisServer, startRedisServer } from './setup/redis-server.ts';

const ANSWERED_WITHIN_MS = 2_000;
const BACK_WITHIN_MS = 5_000;
const PICTURE = 'https://a.example/1.png';

/** What a test has opened, to be closed in the opposite order. Tests run side by side, so each has its own. */
type Closers = (() => unknown)[];

interface Place {
  readonly server: RedisServer;
  readonly proxy: RedisProxy;
  readonly admin: Redis;
}

/** The ways in which a Redis can be gone, each with what brings it back. */
const GONE: Readonly<Record<string, (place: Place) => Promise<() => unknown>>> = {
  'was killed': async ({ server }) => {
    await server.kill();
    return () => server.restart();
  },
  'is frozen': async ({ server }) => {
    server.signal('SIGSTOP');
    return () => server.signal('SIGCONT');
  },
  'can not be heard any more, on connections that never end': async ({ proxy }) => {
    proxy.swallow();
    return () => proxy.heal();
  },
  'has no memory left': async ({ admin }) => {
    await admin.config('SET', 'maxmemory', '1mb');
    return () => admin.config('SET', 'maxmemory', '0');
  },
};

describe.concurrent('endpoints and a worker of a Redis', () => {
  it.for(Object.entries(GONE))(
    'that %s refuse a job in time, and go on by themselves',
    { timeout: 30_000 },
    async ([, goes], { expect, onTestFinished }) => {
      const closers: Closers = [];
      onTestFinished(async () => {
        for (const close of closers.reverse()) await close();
      });
      const place = await aRedis(closers);
      const { url, api } = await aService(place, closers);
      expect(await (await post(url)).status).toBe(202);
      const comesBack = await goes(place);
      const asked = performance.now();
      const refused = await post(url);
      expect(performance.now() - asked).toBeLessThan(ANSWERED_WITHIN_MS);
      expect([refused.status, Number(refused.headers.get('retry-after'))]).toEqual([503, expect.any(Number)]);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
      await comesBack();
      const back = performance.now();
      const { jobId } = await accepted(url);
      await api.finished(jobId, { signal: AbortSignal.timeout(20_000) });
      expect(performance.now() - back).toBeLessThan(BACK_WITHIN_MS);
      expect((await fetch(`${url}/readyz`)).status).toBe(200);
      expect((await checkInvariants({ url: place.server.url })).violations).toEqual([]);
    },
  );
});

async function aRedis(closers: Closers): Promise<Place> {
  const server = await startRedisServer(...KEEPS_ALL);
  const proxy = await startRedisProxy(server.url);
  const admin = new Redis(server.url);
  admin.on('error', () => {});
  closers.push(
    () => server.close(),
    () => proxy.close(),
    () => admin.disconnect(),
  );
  return { server, proxy, admin };
}

/** The endpoints in front of one uploader, and a worker beside it as another machine would have it. */
async function aService({ proxy }: Place, closers: Closers): Promise<{ url: string; api: Uploader }> {
  const [api, worker] = [anUploader(proxy.url, closers), anUploader(proxy.url, closers)];
  worker.start();
  const server = createServer(toNodeHandler(createFetchHandler(api, { logger: silentLogger })));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, api };
}

function anUploader(redisUrl: string, closers: Closers): Uploader {
  const store = new RedisStore({ url: redisUrl, logger: silentLogger });
  const source = createFakeSource({ [PICTURE]: sampleImage('image/png') });
  const uploader = new Uploader({ store, source, host: createFakeHost(), logger: silentLogger });
  closers.push(
    () => store.close(),
    () => uploader.stop({ timeoutMs: 0 }),
  );
  return uploader;
}

function post(url: string): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return fetch(`${url}/v1/images/upload`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ urls: [PICTURE] }),
  });
}

/** Hands a job in until it is taken, as a client does that was told to come again. */
async function accepted(url: string): Promise<{ jobId: string }> {
  for (;;) {
    const response = await post(url);
    if (response.status === 202) return (await response.json()) as { jobId: string };
    expect(response.status).toBe(503);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

import { setTimeout as sleep } from 'node:timers/promises';

import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { silentLogger, Uploader } from '@imgferry/core';
import { createFakeHost, createFakeSource } from '@imgferry/core/testing';
import { monitorRedis } from '../../../tests/setup/redis-monitor.ts';
import { type RedisServer, startRedisServer } from '../../../tests/setup/redis-server.ts';
import { RedisStore } from '../src/index.ts';

const WATCHED_MS = 8_000;
const WARM_UP_MS = 500;
const FOLLOWERS = 1_000;

let server: RedisServer;
const over: (() => unknown)[] = [];

beforeAll(async () => {
  server = await startRedisServer();
});
afterAll(async () => {
  for (const end of over.splice(0).reverse()) await end();
  await server.close();
});

it('a process that has nothing to do asks Redis at most twice a second, whoever follows a job or the fleet', async () => {
  const store = new RedisStore({ url: server.url, logger: silentLogger });
  const uploader = new Uploader({ store, source: createFakeSource({}), host: createFakeHost() });
  const enough = new AbortController();
  const { signal } = enough;
  await store.create({ id: 'job', urls: ['https://a.example/1.png'], host: 'another', options: {} });
  const streams = [
    uploader.follow(undefined, { signal }),
    ...Array.from({ length: FOLLOWERS }, () => uploader.follow('job', { signal })),
  ];
  const followed = Promise.all(
    streams.map(async (events) => {
      for await (const _ of events) expect.fail('nothing happens');
    }),
  );
  over.push(
    () => store.close(),
    () => uploader.stop(),
    () => enough.abort(),
  );
  uploader.start();
  const admin = new Redis(server.url);
  over.push(() => admin.disconnect());
  // By then each has looked at the job for the first time, and they share what they look at from then on.
  await expect.poll(async () => evalsha(await admin.info('commandstats'))).toBeGreaterThan(FOLLOWERS);
  await sleep(WARM_UP_MS);
  const asked: string[] = [];
  over.push(
    await monitorRedis(server.url, ({ args: [command = ''], from }) => {
      if (from !== 'lua') asked.push(command);
    }),
  );
  await sleep(WATCHED_MS);
  expect(asked.length, asked.join(' ')).toBeLessThanOrEqual((2 * WATCHED_MS) / 1_000);
  expect(asked.length, 'the worker lives').toBeGreaterThan(2);
  enough.abort();
  await followed;
});

function evalsha(commandStats: string): number {
  return Number(/cmdstat_evalsha:calls=(\d+)/.exec(commandStats)?.[1]);
}

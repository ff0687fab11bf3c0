import { randomUUID } from 'node:crypto';

import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';

import { type Lease, type NewJob, silentLogger } from '@imgferry/core';
import { monitorRedis } from '../../../tests/setup/redis-monitor.ts';
import { startRedisServer } from '../../../tests/setup/redis-server.ts';
import { RedisStore } from '../src/index.ts';
import { type StepName, stepDigest, stepText } from '../src/step-text.ts';

const HOST = 'host';
const CLAIM = { host: HOST, limit: 10, leaseMs: 60_000, workerId: 'worker' };

let namespace: string;
let redis: Redis;
let store: RedisStore;

beforeEach(() => {
  namespace = `test-${randomUUID()}`;
  redis = new Redis(inject('redisUrl'));
  store = new RedisStore({ url: inject('redisUrl'), namespace });
});

afterEach(async () => {
  await store.close();
  redis.disconnect();
});

function jobOf(count: number): NewJob {
  const urls = Array.from(
    { length: count },
    (_, index) => `https://a.example/${'picture'.repeat(5)}/${index}.jpg`,
  );
  return { id: randomUUID(), urls, host: HOST, options: {} };
}

function settle(from: RedisStore, leases: readonly Lease[]): ReturnType<RedisStore['settle']> {
  return from.settle(
    leases.map((lease) => ({
      lease,
      outcome: {
        status: 'complete',
        link: `https://i.imgur.com/${String(lease.token).padStart(7, 'a')}.jpg`,
        deleteHash: 'aaaaabbbbbccccc',
        bytes: 123_456,
        type: 'image/jpeg',
        width: 1_024,
        height: 768,
      },
      posts: 1,
    })),
  );
}

async function leasesOf(from: RedisStore, limit: number): Promise<readonly Lease[]> {
  return (await from.queue.claim({ ...CLAIM, limit })).leases;
}

it('a script cache that was flushed is filled again', async () => {
  // A server of its own: others have scripts on one that is shared.
  const server = await startRedisServer();
  const admin = new Redis(server.url);
  const own = new RedisStore({ url: server.url });
  await own.create(jobOf(2));
  await admin.script('FLUSH');
  expect((await leasesOf(own, 2)).length).toBe(2);
  await own.close();
  admin.disconnect();
  await server.close();
});

it('a key of the wrong type stops a settle as a whole', async () => {
  const job = jobOf(1);
  await store.create(job);
  const leases = await leasesOf(store, 1);
  await redis.set(`{${namespace}}:links`, 'not a list');
  await expect(settle(store, leases)).rejects.toThrow(/links is a string; it must be a list/);
  expect(await store.get(job.id)).toMatchObject({ claimed: 1, complete: 0 });
  await redis.del(`{${namespace}}:links`);
  expect(await settle(store, leases)).toMatchObject([{ status: 'settled', jobFinished: true }]);
});

it('a client that was passed in stays open, and works for the store', async () => {
  const lent = new RedisStore({ client: redis, namespace, logger: silentLogger });
  await lent.create(jobOf(1));
  await lent.close();
  expect(await redis.ping()).toBe('PONG');
  expect((await leasesOf(store, 1)).length).toBe(1);
});

it('a claim that was not answered is answered with the same leases when it is asked again', async () => {
  await store.create(jobOf(3));
  const answers = await Promise.all([0, 1].map(() => claimAs('slot', 1, 2)));
  expect(answers[1]).toEqual(answers[0]);
  expect((await leasesOf(store, 5)).length).toBe(1);
});

it('what several processes claim at once is claimed once', async () => {
  const job = jobOf(500);
  await store.create(job);
  const others = Array.from({ length: 4 }, () => new RedisStore({ url: inject('redisUrl'), namespace }));
  const claimed: number[] = [];
  await Promise.all(
    others.map(async (other) => {
      for (let leases = await leasesOf(other, 7); leases.length > 0; leases = await leasesOf(other, 7)) {
        claimed.push(...leases.map(({ index }) => index));
        await settle(other, leases);
      }
      await other.close();
    }),
  );
  expect(claimed.sort((a, b) => a - b)).toEqual(job.urls.map((_, index) => index));
  expect(await store.get(job.id)).toMatchObject({ status: 'complete', complete: 500 });
});

it('a wait in one process ends with a job that another one creates', async () => {
  const other = new RedisStore({ url: inject('redisUrl'), namespace });
  const { taken: looked } = await watchFor('look');
  const woken = store.queue.wait({ host: HOST, timeoutMs: 20_000, signal: AbortSignal.timeout(25_000) });
  const before = performance.now();
  // It listens before it looks; what is created after that can only be heard of.
  await looked;
  await other.create(jobOf(1));
  await woken;
  expect(performance.now() - before).toBeLessThan(10_000);
  await other.close();
});

/** Watches for a step of this namespace; `taken` resolves once it has been taken. */
async function watchFor(step: StepName): Promise<{ readonly taken: Promise<void> }> {
  const { promise: taken, resolve } = Promise.withResolvers<void>();
  const stop = await monitorRedis(inject('redisUrl'), ({ args: [, digest, , prefix] }) => {
    if (digest === stepDigest(step) && prefix === `{${namespace}}:`) resolve();
  });
  return { taken: taken.finally(stop) };
}

async function claimAs(slot: string, number: number, limit: number): Promise<unknown> {
  return await redis.eval(
    stepText('claim'),
    1,
    `{${namespace}}:`,
    HOST,
    limit,
    60_000,
    '[]',
    slot,
    number,
    1e9,
    1e4,
  );
}

import { randomUUID } from 'node:crypto';

import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';

import { type NewJob, StoreUnavailableError, silentLogger } from '@imgferry/core';
import { type RedisProxy, startRedisProxy } from '../../../tests/setup/redis-proxy.ts';
import { RedisStore, type RedisStoreOptions } from '../src/index.ts';

const TIMEOUT_MS = 250;
/** A step that was given up, the silence that ends the connection, and making a new one. */
const SOON_MS = 10 * TIMEOUT_MS;

const over: (() => unknown)[] = [];
let proxy: RedisProxy;

beforeEach(async () => {
  proxy = await startRedisProxy(inject('redisUrl'));
  over.push(() => proxy.close());
});

afterEach(async () => {
  for (const end of over.splice(0).reverse()) await end();
});

function storeOf(options: RedisStoreOptions): RedisStore {
  const store = new RedisStore({ timeoutMs: TIMEOUT_MS, logger: silentLogger, ...options });
  over.push(() => store.close());
  return store;
}

/** One that has found Redis fit, which on a busy machine takes more than a step may. */
async function opened(options: RedisStoreOptions): Promise<RedisStore> {
  const store = storeOf(options);
  await untilAnswered(store);
  return store;
}

/** Another process, with a connection that lives. */
function elsewhere(namespace: string): RedisStore {
  return storeOf({ url: inject('redisUrl'), namespace, timeoutMs: 5_000 });
}

function aJob(): NewJob {
  return { id: randomUUID(), urls: ['https://a.example/1.png'], host: 'host', options: {} };
}

/** Resolves once a step is answered. Rejects when one fails for another reason than that Redis is away. */
async function untilAnswered(store: RedisStore): Promise<void> {
  for (;;) {
    const error: unknown = await store.get('job').then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (error === undefined) return;
    expect(error).toBeInstanceOf(StoreUnavailableError);
  }
}

describe('a connection that dies without a word', () => {
  it('is given up for a new one, and steps are answered again', async () => {
    const store = await opened({ url: proxy.url });
    proxy.swallow();
    await expect(store.get('job')).rejects.toThrow(StoreUnavailableError);
    proxy.heal();
    const healed = performance.now();
    await untilAnswered(store);
    expect(performance.now() - healed).toBeLessThan(SOON_MS);
  });

  it('has no step carried out later that was told to have failed', async () => {
    const store = await opened({ url: proxy.url });
    proxy.swallow();
    const job = aJob();
    await expect(store.create(job)).rejects.toThrow(StoreUnavailableError);
    const { made } = proxy;
    proxy.heal();
    await expect.poll(() => proxy.made, { timeout: 5_000 }).toBeGreaterThan(made);
    await untilAnswered(store);
    // What a new connection sends again it sends before anything else.
    expect(await store.get(job.id)).toBeUndefined();
  });

  it('while it is being made is given up too', async () => {
    proxy.swallow();
    const store = storeOf({ url: proxy.url });
    await expect(store.ready()).rejects.toThrow(StoreUnavailableError);
    expect(proxy.connections).toBe(1);
    proxy.heal();
    await untilAnswered(store);
  });

  it('is noticed although nobody uses it', async () => {
    const store = await opened({ url: proxy.url });
    const { made } = proxy;
    proxy.swallow();
    proxy.heal();
    await expect.poll(() => proxy.made, { timeout: 5_000 }).toBeGreaterThan(made);
    await untilAnswered(store);
  });

  it('costs no wake-up for longer than it takes to notice', async () => {
    const namespace = `test-${randomUUID()}`;
    const store = storeOf({ url: proxy.url, namespace });
    const wait = { host: 'host', timeoutMs: 20_000, signal: AbortSignal.timeout(15_000) };
    // It may have been looking at the queue when its connection died; then whoever waits is told that Redis is away.
    const first = store.queue.wait(wait).catch((error: unknown) => {
      expect(error).toBeInstanceOf(StoreUnavailableError);
    });
    const redis = new Redis(inject('redisUrl'));
    over.push(() => redis.disconnect());
    const hearing = async () => (await redis.pubsub('NUMSUB', `{${namespace}}:wake`))[1];
    await expect.poll(hearing).toBe(1);
    const { made } = proxy;
    proxy.swallow();
    proxy.heal();
    // Both of its connections are made again, and being heard again wakes whoever waits.
    await expect.poll(() => proxy.made, { timeout: 5_000 }).toBe(made + 2);
    await first;
    const second = store.queue.wait(wait);
    await elsewhere(namespace).create(aJob());
    await second;
    expect(wait.signal.aborted).toBe(false);
  });

  it('stops no one from following', async () => {
    const namespace = `test-${randomUUID()}`;
    const store = storeOf({ url: proxy.url, namespace });
    const events = store.events({ signal: AbortSignal.timeout(15_000) })[Symbol.asyncIterator]();
    const first = events.next();
    await store.create(aJob());
    expect((await first).value).toMatchObject({ type: 'job:created' });
    const second = events.next();
    const { made } = proxy;
    proxy.swallow();
    const job = aJob();
    await elsewhere(namespace).create(job);
    proxy.heal();
    await expect.poll(() => proxy.made, { timeout: 5_000 }).toBeGreaterThan(made);
    expect((await second).value).toMatchObject({ type: 'job:created', jobId: job.id });
  });
});

it('what a client that was passed in lacks is told', () => {
  const told: string[] = [];
  const logger = { ...silentLogger, warn: (_: unknown, message: string) => told.push(message) };
  const storeOn = (options: object): RedisStore =>
    storeOf({ client: new Redis({ lazyConnect: true, ...options }), logger: logger as typeof silentLogger });
  const sound = { socketTimeout: 3_000, autoResendUnfulfilledCommands: false };
  storeOn(sound);
  expect(told).toEqual([]);
  storeOn({ ...sound, socketTimeout: undefined });
  storeOn({ ...sound, autoResendUnfulfilledCommands: true });
  expect(told).toEqual([
    expect.stringContaining('has no socketTimeout'),
    expect.stringContaining('has autoResendUnfulfilledCommands'),
  ]);
});

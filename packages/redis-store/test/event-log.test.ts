import { randomUUID } from 'node:crypto';

import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';

import type { NewJob, StoreEvent } from '@imgferry/core';
import { KEEPS_ALL, type RedisServer, startRedisServer } from '../../../tests/setup/redis-server.ts';
import { RedisStore, type RedisStoreOptions } from '../src/index.ts';

const HOST = 'host';
const over: (() => unknown)[] = [];
let ended: AbortController;

beforeEach(() => {
  ended = new AbortController();
});

afterEach(async () => {
  ended.abort();
  for (const end of over.splice(0).reverse()) await end();
});

function storeOf(options: RedisStoreOptions): RedisStore {
  const store = new RedisStore({ namespace: `test-${randomUUID()}`, ...options });
  over.push(() => store.close());
  return store;
}

function clientOf(url: string): Redis {
  const client = new Redis(url);
  over.push(() => client.disconnect());
  return client;
}

async function ownRedis(): Promise<RedisServer> {
  const redis = await startRedisServer(...KEEPS_ALL);
  over.push(() => redis.close());
  return redis;
}

function follow(store: RedisStore, after?: string): AsyncIterator<StoreEvent> {
  const { signal } = ended;
  return store.events(after === undefined ? { signal } : { after, signal })[Symbol.asyncIterator]();
}

async function take(events: AsyncIterator<StoreEvent>, count: number): Promise<StoreEvent[]> {
  const taken: StoreEvent[] = [];
  while (taken.length < count) {
    const { done, value } = await events.next();
    if (done) break;
    taken.push(value);
  }
  return taken;
}

function jobOf(count = 1): NewJob {
  const urls = Array.from({ length: count }, (_, index) => `https://a.example/${index}.png`);
  return { id: randomUUID(), urls, host: HOST, options: {} };
}

/** So many entries of one event each. */
async function pauseHosts(store: RedisStore, count: number, from = 0): Promise<void> {
  const hosts = Array.from({ length: count }, (_, place) => `host-${from + place}`);
  await Promise.all(hosts.map((host) => store.pause({ host })));
}

function hostsOf(events: readonly StoreEvent[]): readonly string[] {
  return events.map((event) => ('host' in event ? event.host : event.type));
}

function hostNames(count: number, from = 0): readonly string[] {
  return Array.from({ length: count }, (_, place) => `host-${from + place}`);
}

it('200 followers are served by one reader', async () => {
  const redis = await ownRedis();
  const store = storeOf({ url: redis.url });
  const admin = clientOf(redis.url);
  const followers = Array.from({ length: 200 }, () => follow(store));
  for (const host of ['first', 'second']) {
    const warm = followers.map((each) => take(each, 1));
    await store.pause({ host });
    await Promise.all(warm);
  }
  const telling = Promise.all(followers.map((each) => take(each, 50)));
  await admin.config('RESETSTAT');
  for (let count = 0; count < 50; count += 1) await pauseHosts(store, 1, count);
  for (const told of await telling) expect(hostsOf(told)).toEqual(hostNames(50));
  const scripts = /cmdstat_evalsha:calls=(\d+)/.exec(await admin.info('commandstats'))?.[1];
  expect(Number(scripts)).toBeLessThan(50 + 20);
  const connections = String(await admin.client('LIST'))
    .trim()
    .split('\n');
  expect(connections.length).toBeLessThanOrEqual(1 + 3);
});

it('a follower that takes its time holds up nobody, and is told everything once', async () => {
  const store = storeOf({ url: inject('redisUrl') });
  const [slow, quick] = [follow(store), follow(store)];
  const first = take(slow, 1);
  const telling = take(quick, 2_501);
  await pauseHosts(store, 1);
  await first;
  for (let from = 1; from <= 2_001; from += 500) await pauseHosts(store, 500, from);
  expect(hostsOf(await telling)).toEqual(hostNames(2_501));
  expect(hostsOf(await take(slow, 2_500))).toEqual(hostNames(2_500, 1));
});

it('the changes of one step are told in their order, and can be read on after each of them', async () => {
  const store = storeOf({ url: inject('redisUrl') });
  const events = follow(store);
  await store.create(jobOf(20));
  const { leases } = await store.queue.claim({ host: HOST, limit: 20, leaseMs: 60_000, workerId: 'worker' });
  const outcome = { status: 'failed', failure: { code: 'source_tls', message: 'no' } } as const;
  await store.settle(leases.map((lease) => ({ lease, outcome, posts: 0 })));
  const told = await take(events, 23);
  const indexes = told.slice(2, 22).map((event) => 'index' in event && event.index);
  expect(indexes).toEqual(leases.map(({ index }) => index));
  expect(told.at(-1)?.type).toBe('job:finished');
  const fifth = told[6]?.id ?? '';
  expect(await take(follow(store, fifth), 16)).toEqual(told.slice(7));
});

it('no more events are kept than asked for, but never less than the last step has told', async () => {
  const namespace = `test-${randomUUID()}`;
  const store = storeOf({ url: inject('redisUrl'), namespace, maxEvents: 50 });
  await pauseHosts(store, 300);
  expect(await countKept(namespace)).toEqual({ counted: 50, held: 50 });
  await store.create(jobOf(80));
  const { leases } = await store.queue.claim({ host: HOST, limit: 80, leaseMs: 60_000, workerId: 'worker' });
  const outcome = { status: 'failed', failure: { code: 'source_tls', message: 'no' } } as const;
  await store.settle(leases.map((lease) => ({ lease, outcome, posts: 0 })));
  expect(await countKept(namespace)).toEqual({ counted: 81, held: 81 });
  await pauseHosts(store, 5, 300);
  expect(await countKept(namespace)).toEqual({ counted: 5, held: 5 });
});

it('a history that is far too long is dropped over many steps, a few entries each', async () => {
  const namespace = `test-${randomUUID()}`;
  const url = inject('redisUrl');
  await pauseHosts(storeOf({ url, namespace }), 500);
  const strict = storeOf({ url, namespace, maxEvents: 10 });
  await strict.pause({ host: 'one' });
  expect((await countKept(namespace)).held).toBe(501 - 10);
  await pauseHosts(strict, 100, 500);
  expect(await countKept(namespace)).toEqual({ counted: 10, held: 10 });
  const told = await take(follow(strict, '1-1.0'), 11);
  expect([told[0]?.type, ...hostsOf(told.slice(1))]).toEqual(['gap', ...hostNames(10, 590)]);
});

it('an entry that is missing is told as a gap', async () => {
  const namespace = `test-${randomUUID()}`;
  const store = storeOf({ url: inject('redisUrl'), namespace });
  const events = follow(store);
  await pauseHosts(store, 5);
  const told = await take(events, 5);
  const missing = told[2]?.id.replace(/\..*$/, '') ?? '';
  await clientOf(inject('redisUrl')).xdel(`{${namespace}}:events`, missing);
  // One that has read it already may have it at hand.
  const another = storeOf({ url: inject('redisUrl'), namespace });
  const again = await take(follow(another, told[0]?.id), 4);
  expect(again.map(({ type }) => type)).toEqual(['host:paused', 'gap', 'host:paused', 'host:paused']);
  expect(again.slice(2)).toEqual(told.slice(3));
  expect(await take(follow(another, again[1]?.id), 2)).toEqual(again.slice(2));
});

it.each(['1', '-1', 'end.0', '00', '5'])(
  'an id with the place %s that was never given is a gap',
  async (place) => {
    const store = storeOf({ url: inject('redisUrl') });
    const events = follow(store);
    await pauseHosts(store, 2);
    const [first] = await take(events, 1);
    const entry = first?.id.replace(/\..*$/, '');
    const [gap] = await take(follow(store, `${entry}.${place}`), 1);
    expect(gap?.type).toBe('gap');
  },
);

it('a store that was emptied is told as a gap: to who follows, and to who comes back', async () => {
  const redis = await ownRedis();
  const store = storeOf({ url: redis.url });
  const events = follow(store);
  await pauseHosts(store, 2);
  const [, before] = await take(events, 2);
  await clientOf(redis.url).flushall();
  const telling = take(events, 2);
  await pauseHosts(store, 1, 7);
  expect((await telling).map(({ type }) => type)).toEqual(['gap', 'host:paused']);
  const again = await take(follow(store, before?.id), 2);
  expect(again.map(({ type }) => type)).toEqual(['gap', 'host:paused']);
  expect(again[1]).toEqual((await telling)[1]);
});

it('following begins with the call, also on a Redis that knows no step yet', async () => {
  const store = storeOf({ url: (await ownRedis()).url });
  const events = follow(store);
  const job = jobOf();
  await store.create(job);
  expect(await take(events, 1)).toMatchObject([{ type: 'job:created', jobId: job.id }]);
});

it('a store that was emptied and gives lower ids is told as a gap', { timeout: 20_000 }, async () => {
  const redis = await ownRedis();
  const namespace = `test-${randomUUID()}`;
  const store = storeOf({ url: redis.url, namespace });
  const admin = clientOf(redis.url);
  const events = follow(store);
  await pauseHosts(store, 1);
  await take(events, 1);
  // A server of which the clock was ahead.
  const [stream, meta] = [`{${namespace}}:events`, `{${namespace}}:meta`];
  const last = (await admin.hget(meta, 'lastEvent')) ?? '';
  const changes = JSON.stringify([{ type: 'host:resumed', host: 'late' }]);
  await admin.xadd(stream, '99999999999999-0', 'n', 1, 'at', 1, 'p', last, 'e', changes);
  await admin.hset(meta, 'lastEvent', '99999999999999-0');
  expect(hostsOf(await take(events, 1))).toEqual(['late']);
  await admin.flushall();
  await pauseHosts(store, 2);
  const told = await take(events, 3);
  expect([told[0]?.type, ...hostsOf(told.slice(1))]).toEqual(['gap', ...hostNames(2)]);
});

it('who follows is told what came while Redis was away, and nothing twice', { timeout: 20_000 }, async () => {
  const redis = await ownRedis();
  const namespace = `test-${randomUUID()}`;
  const store = storeOf({ url: redis.url, namespace });
  const events = follow(store);
  await pauseHosts(store, 1);
  await take(events, 1);
  const telling = take(events, 2);
  await redis.kill();
  await redis.restart();
  await pauseHosts(storeOf({ url: redis.url, namespace }), 2, 1);
  expect(hostsOf(await telling)).toEqual(hostNames(2, 1));
});

it('who begins to follow while Redis is away begins with a gap', { timeout: 20_000 }, async () => {
  const redis = await ownRedis();
  const namespace = `test-${randomUUID()}`;
  const store = storeOf({ url: redis.url, namespace, timeoutMs: 300 });
  await pauseHosts(store, 1);
  await redis.kill();
  const events = follow(store);
  const telling = take(events, 1);
  await expect(store.stats()).rejects.toThrow();
  await redis.restart();
  expect((await telling)[0]?.type).toBe('gap');
  await pauseHosts(store, 1, 1);
  expect(hostsOf(await take(events, 1))).toEqual(hostNames(1, 1));
});

it('following ends on abort while Redis is away, without throwing', async () => {
  const store = storeOf({ url: 'redis://127.0.0.1:1' });
  const events = follow(store);
  const next = events.next();
  ended.abort();
  expect((await next).done).toBe(true);
});

/** How many events are counted as kept, and how many are. */
async function countKept(namespace: string): Promise<{ counted: number; held: number }> {
  const client = clientOf(inject('redisUrl'));
  const entries = await client.xrange(`{${namespace}}:events`, '-', '+');
  const held = entries.reduce((sum, [, fields]) => sum + Number(fields[1]), 0);
  return { counted: Number(await client.hget(`{${namespace}}:meta`, 'events')), held };
}

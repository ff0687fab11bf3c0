import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { type Cluster, Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { type NewJob, type StoreEvent, silentLogger } from '@imgferry/core';
import { testStore } from '@imgferry/core/conformance';
import {
  type ClusterNode,
  type RedisCluster,
  startRedisCluster,
} from '../../../tests/setup/redis-cluster.ts';
import { RedisSetupError, RedisStore, type RedisStoreOptions } from '../src/index.ts';

const HOST = 'host';
/** Areas that take long because of what they count or wait for; a cluster is nothing to them. */
const LEFT_OUT: readonly string[] = ['large jobs', 'probe', 'retention', 'fairness'];
/** The client is connected, so the block is observed before a wait that begins with it has a connection to hear by. */
const HEARD_BEFORE = 'ends when a block is observed';

let cluster: RedisCluster;
let client: Cluster;
const stores: RedisStore[] = [];

beforeAll(async () => {
  cluster = await startRedisCluster();
  client = cluster.client();
}, 30_000);

afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
});

afterAll(() => cluster.close());

function storeOf(options: RedisStoreOptions): RedisStore {
  const store = new RedisStore({ namespace: `test-${randomUUID()}`, logger: silentLogger, ...options });
  stores.push(store);
  return store;
}

/** Two stores of one namespace, each with a client of its own, as two processes have them. */
function twoStores(namespace = `test-${randomUUID()}`): readonly [RedisStore, RedisStore] {
  return [
    storeOf({ client, namespace }),
    storeOf({ client: cluster.client({ enableAutoPipelining: true }), namespace }),
  ];
}

function aJob(): NewJob {
  return { id: randomUUID(), urls: ['https://a.example/1.png'], host: HOST, options: {} };
}

/** What all nodes say of who is connected to them, leaving out the connections of this test. */
async function connections(kind: 'NORMAL' | 'PUBSUB'): Promise<number> {
  const lists = await Promise.all(
    cluster.nodes.map(({ redis }) => redis.call('CLIENT', 'LIST', 'TYPE', kind)),
  );
  return lists.flatMap((list) => String(list).trim().split('\n').filter(Boolean)).length;
}

describe('a store in a cluster', () => {
  let rule = '';
  testStore({
    describe: (area, rules) => (LEFT_OUT.includes(area) ? undefined : describe(area, rules)),
    it: (name, holds) =>
      it(name, () => {
        rule = name;
        return holds();
      }),
    async createStore(options) {
      const namespace = `test-${randomUUID()}`;
      const store = storeOf({ ...options, client, namespace, timeoutMs: 20_000 });
      if (rule === HEARD_BEFORE) await hears(store, namespace);
      return store;
    },
  });

  it('wakes whoever waits in another process, also after the connection that hears it was lost', async () => {
    const namespace = `test-${randomUUID()}`;
    const [one, other] = twoStores(namespace);
    const wait = () => one.queue.wait({ host: HOST, timeoutMs: 20_000, signal: AbortSignal.timeout(20_000) });
    const first = wait();
    await expect.poll(() => listeners(namespace)).toBe(1);
    for (const { redis } of cluster.nodes) await redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    // Nobody knows what was said meanwhile.
    await first;
    const second = wait();
    await expect.poll(() => listeners(namespace)).toBe(1);
    const before = performance.now();
    await other.create(aJob());
    await second;
    expect(performance.now() - before).toBeLessThan(1_000);
  });

  it('tells those who follow in another process, also after the connection that reads was lost', async () => {
    const [one, other] = twoStores();
    const ending = new AbortController();
    const told: StoreEvent[] = [];
    const following = (async () => {
      for await (const event of one.events({ signal: ending.signal })) told.push(event);
    })();
    const jobs = [aJob(), aJob()];
    for (const [place, job] of jobs.entries()) {
      await expect.poll(() => blockedReads()).toBe(1);
      await other.create(job);
      await expect.poll(() => told.map((event) => 'jobId' in event && event.jobId)).toContain(job.id);
      if (place === 0) await killBlocked();
    }
    ending.abort();
    await following;
    expect(told.map(({ type }) => type)).toEqual(['job:created', 'job:created']);
  });

  it('tells those who hear progress in another process, also after the connection that hears was lost', async () => {
    const namespace = `test-${randomUUID()}`;
    const [one, other] = twoStores(namespace);
    const job = aJob();
    await other.create(job);
    const claim = { host: HOST, limit: 1, leaseMs: 60_000, workerId: 'worker' };
    const [lease = expect.fail()] = (await other.queue.claim(claim)).leases;
    const ending = new AbortController();
    const heard: number[] = [];
    await one.hearProgress({
      jobId: job.id,
      signal: ending.signal,
      heard: ({ sentBytes }) => heard.push(sentBytes),
      ended: () => {},
    });
    await other.tellProgress([{ lease, sentBytes: 1, totalBytes: 9 }]);
    await expect.poll(() => heard).toEqual([1]);
    for (const { redis } of cluster.nodes) await redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await expect.poll(() => listeners(namespace, `progress:${job.id}`)).toBe(1);
    await other.tellProgress([{ lease, sentBytes: 2, totalBytes: 9 }]);
    await expect.poll(() => heard).toEqual([1, 2]);
    ending.abort();
  });

  it('keeps the connection that waits for events, however little silence the client that it was given bears', async () => {
    const socketTimeout = 200;
    await expect.poll(readers).toEqual([]);
    const store = storeOf({ client: cluster.client({ redisOptions: { socketTimeout } }) });
    const ending = new AbortController();
    const following = store.events({ signal: ending.signal })[Symbol.asyncIterator]().next();
    await expect.poll(() => blockedReads()).toBe(1);
    const before = await readers();
    await sleep(2 * socketTimeout);
    expect(await readers()).toEqual(before);
    ending.abort();
    await following;
  });

  it('closes what it has opened, and leaves the client that it was given open', async () => {
    await client.ping();
    await Promise.all(client.nodes().map((node) => node.ping()));
    const before = await connections('NORMAL');
    const store = storeOf({ client });
    const ending = new AbortController();
    const following = store.events({ signal: ending.signal })[Symbol.asyncIterator]().next();
    await store.queue.wait({ host: HOST, timeoutMs: 50, signal: ending.signal });
    await expect.poll(() => blockedReads()).toBe(1);
    await store.close();
    await following;
    await expect.poll(() => connections('NORMAL')).toBeLessThanOrEqual(before);
    await expect.poll(() => connections('PUBSUB')).toBe(0);
    expect(client.status).toBe('ready');
    expect(await client.get(`{${randomUUID()}}`)).toBeNull();
  });

  it('goes on when a node has forgotten the scripts', async () => {
    const store = storeOf({ client });
    await store.create(aJob());
    for (const { redis } of cluster.nodes) await redis.script('FLUSH');
    expect((await store.create(aJob())).status).toBe('created');
  });

  it('is refused when any of its masters throws keys away', async () => {
    const [, node] = cluster.nodes;
    await node?.redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
    try {
      await expect(storeOf({ client }).ready()).rejects.toThrow('maxmemory-policy is allkeys-lru');
    } finally {
      await node?.redis.config('SET', 'maxmemory-policy', 'noeviction');
    }
  });

  it('is refused with the reason when it is given one node of a cluster instead of the cluster', async () => {
    const namespace = 'not on all nodes';
    const owner = await cluster.ownerOf(await cluster.slotOf(`{${namespace}}:`));
    const other = cluster.nodes.find((node) => node !== owner) ?? expect.fail();
    const error = new RedisSetupError(
      'this Redis is one node of a cluster; give an ioredis Cluster as client',
    );
    await expect(storeOf({ url: other.server.url, namespace }).ready()).rejects.toThrow(error);
    const plain = new Redis(other.server.url);
    await expect(storeOf({ client: plain, namespace }).ready()).rejects.toThrow(error);
    plain.disconnect();
  });
});

/** Resolves when the store has a connection that hears wake-ups. */
async function hears(store: RedisStore, namespace: string): Promise<void> {
  const ending = new AbortController();
  const waiting = store.queue.wait({ host: HOST, timeoutMs: 10_000, signal: ending.signal });
  await expect.poll(() => listeners(namespace), { interval: 5 }).toBe(1);
  ending.abort();
  await waiting;
}

/** How many connections hear a channel of a namespace. */
async function listeners(namespace: string, channel = 'wake'): Promise<number> {
  const answers = await Promise.all(
    cluster.nodes.map(({ redis }) => redis.pubsub('NUMSUB', `{${namespace}}:${channel}`)),
  );
  return answers.reduce((sum, answer) => sum + Number((answer as unknown[])[1]), 0);
}

async function blockedReads(): Promise<number> {
  const infos = await Promise.all(cluster.nodes.map(({ redis }) => redis.info('clients')));
  return infos.reduce((sum, info) => sum + Number(/blocked_clients:(\d+)/.exec(info)?.[1]), 0);
}

async function killBlocked(): Promise<void> {
  for (const node of cluster.nodes)
    for (const id of await readersOn(node)) await node.redis.call('CLIENT', 'KILL', 'ID', id);
}

/** The ids of connections that read the history at a node. */
async function readersOn({ redis }: ClusterNode): Promise<readonly string[]> {
  const lines = String(await redis.client('LIST')).split('\n');
  return lines.filter((line) => line.includes('cmd=xread')).map((line) => /^id=(\d+)/.exec(line)?.[1] ?? '');
}

async function readers(): Promise<readonly string[]> {
  return (await Promise.all(cluster.nodes.map(readersOn))).flat();
}

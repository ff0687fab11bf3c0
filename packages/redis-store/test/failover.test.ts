import { randomUUID } from 'node:crypto';

import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, it } from 'vitest';

import {
  type Lease,
  type Settlement,
  type StoreEvent,
  StoreUnavailableError,
  silentLogger,
} from '@imgferry/core';
import { waitFor } from '../../../tests/setup/redis-cluster.ts';
import { type RedisProxy, startRedisProxy } from '../../../tests/setup/redis-proxy.ts';
import { type RedisServer, startRedisServer } from '../../../tests/setup/redis-server.ts';
import { checkInvariants, RedisStore } from '../src/index.ts';
import { Load, linkedUploads, uploadsOf } from './load.ts';

const HOST = 'host';
const URLS = Array.from({ length: 4 }, (_, index) => `https://a.example/${index}.png`);

let master: RedisServer;
let replica: RedisServer;
let toMaster: Redis;
let toReplica: Redis;
/** The name by which the stores know their Redis. */
let name: RedisProxy;
let namespace: string;
const open: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  master = await startRedisServer('--repl-diskless-sync-delay', '0');
  replica = await startRedisServer('--replicaof', '127.0.0.1', `${master.port}`);
  toMaster = new Redis(master.url);
  toReplica = new Redis(replica.url);
  for (const redis of [toMaster, toReplica]) redis.on('error', () => {});
  name = await startRedisProxy(master.url);
  namespace = `test-${randomUUID()}`;
  await waitFor('the replica', async () => (await toReplica.info()).includes('master_link_status:up'));
});

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
  for (const redis of [toMaster, toReplica]) redis.disconnect();
  await Promise.all([name.close(), master.close(), replica.close()]);
});

function aStore(): RedisStore {
  const store = new RedisStore({ url: name.url, namespace, timeoutMs: 500, logger: silentLogger });
  open.push(store);
  return store;
}

function aLoad(): Load {
  const load = new Load([aStore(), aStore()]);
  open.push({ close: () => load.stop() });
  return load;
}

/** Follows the store from now on. */
async function follow(store: RedisStore): Promise<readonly StoreEvent[]> {
  const told: StoreEvent[] = [];
  const ending = new AbortController();
  const following = (async () => {
    for await (const event of store.events({ signal: ending.signal })) told.push(event);
  })();
  open.push({
    async close() {
      ending.abort();
      await following;
    },
  });
  // Steps are answered in the order in which they were sent, and the first one asked where "now" is.
  await store.stats();
  return told;
}

/** Whatever the master has done by now the replica has done too. */
async function inStep(): Promise<void> {
  const of = async (redis: Redis): Promise<string | undefined> =>
    /(?:slave_repl_offset|master_repl_offset):(\d+)/.exec(await redis.info('replication'))?.[1];
  await waitFor('the replica', async () => (await of(toReplica)) === (await of(toMaster)));
}

/** The replica goes its own way; what the master does from now on is lost with it. */
async function split(): Promise<void> {
  await toReplica.replicaof('NO', 'ONE');
}

async function loseTheMaster(): Promise<void> {
  await master.kill();
  name.moveTo(replica.url);
}

async function expectWell(): Promise<void> {
  expect((await checkInvariants({ url: name.url, namespace, logger: silentLogger })).violations).toEqual([]);
}

function settle(store: RedisStore, lease: Lease): Promise<readonly Settlement[]> {
  const link = `https://links.example/${lease.jobId}/${lease.index}/${lease.token}`;
  return store.settle([
    { lease, outcome: { status: 'complete', link, bytes: 1, type: 'image/png' }, posts: 1 },
  ]);
}

async function claim(store: RedisStore, limit = 1): Promise<readonly Lease[]> {
  const claimed = await store.queue.claim({ host: HOST, limit, leaseMs: 60_000, workerId: 'worker' });
  return claimed.leases;
}

it('when the replica takes over nothing is lost, told twice or answered otherwise, and no caller hears more than that the store is away', async () => {
  const store = aStore();
  const told = await follow(store);
  const load = aLoad();
  await load.answered(100);
  await toMaster.call('FAILOVER');
  await waitFor('the takeover', async () => (await toReplica.info()).includes('role:master'));
  await load.refused();
  name.moveTo(replica.url);
  const moved = performance.now();
  await load.answered(50);
  expect(performance.now() - moved).toBeLessThan(5_000);
  await load.finish(store);
  expect(load.errors).toEqual([]);
  expect(load.changedAnswers).toEqual([]);
  const linked = await linkedUploads(store);
  expect(new Set(linked).size).toBe(uploadsOf(load));
  expect(linked).toHaveLength(uploadsOf(load));
  await expect.poll(() => told.filter(({ type }) => type === 'job:finished').length).toBe(load.jobs.size);
  expect(told.filter(({ type }) => type === 'upload:completed')).toHaveLength(uploadsOf(load));
  expect(told.filter(({ type }) => type === 'gap')).toEqual([]);
  await expectWell();
}, 30_000);

it('what the replica had not heard of is done again: its leases are unknown, its outcomes lost, and no upload gets two links', async () => {
  const store = aStore();
  const jobId = randomUUID();
  await store.create({ id: jobId, urls: URLS, host: HOST, options: {} });
  const [kept] = await claim(store);
  const settled = await settle(store, kept ?? expect.fail());
  await inStep();
  await split();
  const [done, held] = await claim(store, 2);
  expect(await settle(store, done ?? expect.fail())).toEqual([{ status: 'settled', jobFinished: false }]);
  await loseTheMaster();
  await expect.poll(() => store.get(jobId).catch(() => undefined)).toMatchObject({ complete: 1, waiting: 3 });
  expect(await settle(store, kept ?? expect.fail())).toEqual(settled);
  expect(await settle(store, done ?? expect.fail())).toEqual([{ status: 'lost', reason: 'unknown' }]);
  const [gone] = await store.queue.extend([held ?? expect.fail()], 60_000);
  expect(gone).toMatchObject({ reason: 'unknown' });
  for (const lease of await claim(store, 10)) await settle(store, lease);
  expect(await store.get(jobId)).toMatchObject({ status: 'complete', complete: 4 });
  const linked = await linkedUploads(store);
  expect(linked).toHaveLength(4);
  expect(new Set(linked).size).toBe(4);
  await expectWell();
});

it('a claim that the replica had not heard of shares its token with none that comes later', async () => {
  const store = aStore();
  const job = { id: randomUUID(), urls: URLS.slice(0, 1), host: HOST, options: {} };
  await store.create(job);
  await inStep();
  await split();
  const [lost] = await claim(store);
  await loseTheMaster();
  let leases: readonly Lease[] = [];
  await waitFor('a claim', async () => {
    leases = await claim(aStore()).catch(() => []);
    return leases.length > 0;
  });
  const [held] = leases;
  if (lost === undefined || held === undefined) return expect.fail('nothing was claimed');
  expect(await settle(store, lost)).toEqual([{ status: 'lost', reason: expect.any(String) }]);
  expect(await settle(store, held)).toMatchObject([{ status: 'settled', jobFinished: true }]);
  await expectWell();
});

it('a load goes on when the last writes are lost, and those who follow are told of a gap', async () => {
  const store = aStore();
  const told = await follow(store);
  const load = aLoad();
  await load.answered(100);
  await split();
  await load.answered(100);
  await loseTheMaster();
  await load.answered(100);
  await load.finish(store);
  expect(load.errors).toEqual([]);
  const linked = await linkedUploads(store);
  expect(new Set(linked).size).toBe(linked.length);
  const { queue, totals } = await store.stats();
  expect(queue).toMatchObject({ waiting: 0, claimed: 0, liveJobs: 0 });
  expect(linked).toHaveLength(totals.uploadsCreated);
  expect(totals.jobsCreated).toBeLessThan(load.jobs.size);
  await expect.poll(() => told.map(({ type }) => type)).toContain('gap');
  await expect.poll(() => told.at(-1)?.type).toBe('job:finished');
  await expectWell();
}, 30_000);

it('a replica is refused at the start, and taken once it is the master', async () => {
  name.moveTo(replica.url);
  const store = aStore();
  await expect(store.create({ id: 'job', urls: URLS, host: HOST, options: {} })).rejects.toThrow(
    'this Redis is a slave; jobs need the master',
  );
  await toReplica.replicaof('NO', 'ONE');
  expect((await store.create({ id: 'job', urls: URLS, host: HOST, options: {} })).status).toBe('created');
});

it('a connection to what has become a replica is given up for one to where the name leads by then', async () => {
  const store = aStore();
  const job = { id: 'job', urls: URLS, host: HOST, options: {} };
  await store.ready();
  await toReplica.replicaof('NO', 'ONE');
  await toMaster.replicaof('127.0.0.1', replica.port);
  const { made } = name;
  await expect(store.create(job)).rejects.toThrow(StoreUnavailableError);
  await expect.poll(() => name.made).toBeGreaterThan(made);
});

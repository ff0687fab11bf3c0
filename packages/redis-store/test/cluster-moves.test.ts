import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';

import { silentLogger } from '@imgferry/core';
import {
  type ClusterNode,
  type RedisCluster,
  SlotMove,
  startRedisCluster,
  waitFor,
} from '../../../tests/setup/redis-cluster.ts';
import { checkInvariants, RedisStore } from '../src/index.ts';
import { Load, linkedUploads, uploadsOf } from './load.ts';

/** Of the second node, which has no replica. */
const OTHER_SLOT = 6_000;

let cluster: RedisCluster;
const open: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  cluster = await startRedisCluster({ replicas: 1, nodeTimeoutMs: 2_000 });
}, 30_000);

afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

afterAll(() => cluster.close());

/** A namespace whose slot the first master has, which is the one with a replica. */
async function aNamespace(): Promise<string> {
  for (;;) {
    const namespace = `test-${randomUUID()}`;
    if ((await cluster.slotOf(`{${namespace}}:`)) < 5_000) return namespace;
  }
}

function storeOf(namespace: string, enableAutoPipelining: boolean): RedisStore {
  const client = cluster.client({ enableAutoPipelining });
  const store = new RedisStore({ client, namespace, timeoutMs: 400, logger: silentLogger });
  open.push(store);
  return store;
}

/** Work of two processes, one of which sends its steps in pipelines. */
function aLoad(namespace: string): { stores: readonly [RedisStore, RedisStore]; load: Load } {
  const stores = [storeOf(namespace, false), storeOf(namespace, true)] as const;
  const load = new Load(stores);
  open.unshift({ close: () => load.stop() });
  return { stores, load };
}

async function expectAllIsWell(namespace: string, load: Load, store: RedisStore): Promise<void> {
  await load.finish(store);
  expect(load.errors).toEqual([]);
  expect(load.changedAnswers).toEqual([]);
  const client = cluster.client();
  expect(await checkInvariants({ client, namespace, logger: silentLogger })).toEqual({
    jobs: load.jobs.size,
    violations: [],
  });
  const linked = await linkedUploads(store);
  expect(linked).toHaveLength(uploadsOf(load));
  expect(new Set(linked).size).toBe(linked.length);
  const { queue, totals } = await store.stats();
  expect(queue).toMatchObject({ waiting: 0, claimed: 0, liveJobs: 0 });
  expect(totals).toMatchObject({ uploadsComplete: uploadsOf(load), uploadsFailed: 0 });
}

it('a slot that is moved away and back under load loses nothing and splits nothing', async () => {
  const namespace = await aNamespace();
  const slot = await cluster.slotOf(`{${namespace}}:`);
  const home = await cluster.ownerOf(slot);
  const away = await cluster.ownerOf(OTHER_SLOT);
  const { stores, load } = aLoad(namespace);
  await load.answered(100);
  await moveUnderLoad(load, slot, home, away, ['target', 'source']);
  await load.answered(100);
  await moveUnderLoad(load, slot, away, home, ['source', 'target']);
  await load.answered(100);
  await expectAllIsWell(namespace, load, stores[0]);
});

/** With pauses in which the load runs into every state that a slot can be in. */
async function moveUnderLoad(
  load: Load,
  slot: number,
  from: ClusterNode,
  to: ClusterNode,
  order: readonly ('source' | 'target')[],
): Promise<void> {
  const move = new SlotMove(slot, from, to);
  await move.open();
  await load.refused();
  while ((await move.carry(20)) > 0) await sleep(15);
  await load.refused();
  for (const which of order) {
    await move.tell(which);
    await sleep(100);
  }
}

it('goes on within five seconds when a replica takes over, and nobody hears more than that the store is away', async () => {
  const namespace = await aNamespace();
  const { stores, load } = aLoad(namespace);
  await load.answered(100);
  const slot = await cluster.slotOf(`{${namespace}}:`);
  const replica = await cluster.replicaOf(await cluster.ownerOf(slot));
  const before = performance.now();
  await replica.redis.cluster('FAILOVER');
  await waitFor('the takeover', async () => (await cluster.ownerOf(slot)) === replica);
  await load.answered(50);
  expect(performance.now() - before).toBeLessThan(5_000);
  await expectAllIsWell(namespace, load, stores[0]);
});

it('goes on when a node dies without a word and its replica takes over', async () => {
  const namespace = await aNamespace();
  const { stores, load } = aLoad(namespace);
  await load.answered(100);
  const slot = await cluster.slotOf(`{${namespace}}:`);
  const owner = await cluster.ownerOf(slot);
  const replica = await cluster.replicaOf(owner);
  owner.server.signal('SIGSTOP');
  try {
    await waitFor('the takeover', async () => (await replica.redis.info()).includes('role:master'));
    const before = performance.now();
    await load.answered(50);
    expect(performance.now() - before).toBeLessThan(5_000);
    await load.finish(stores[0]);
  } finally {
    owner.server.signal('SIGCONT');
  }
  await waitFor('the return', async () => (await owner.redis.info()).includes('master_link_status:up'));
  expect(load.errors).toEqual([]);
  const linked = await linkedUploads(stores[0]);
  expect(new Set(linked).size).toBe(linked.length);
  const client = cluster.client();
  expect((await checkInvariants({ client, namespace, logger: silentLogger })).violations).toEqual([]);
});

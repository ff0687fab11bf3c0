import { setTimeout as sleep } from 'node:timers/promises';

import { Cluster, Redis } from 'ioredis';

import { freePort, type RedisServer, startRedisServer } from './redis-server.ts';

const SLOTS = 16_384;
const PATIENCE_MS = 20_000;

/** One server of a cluster, with a plain connection to it. */
export interface ClusterNode {
  readonly id: string;
  readonly server: RedisServer;
  readonly redis: Redis;
}

/** A Redis Cluster of a test's own. */
export interface RedisCluster {
  /** All nodes; the first three began as masters. */
  readonly nodes: readonly ClusterNode[];
  /** A client, which is closed with the cluster. */
  client(options?: {
    readonly enableAutoPipelining?: boolean;
    readonly redisOptions?: { readonly socketTimeout: number };
  }): Cluster;
  slotOf(key: string): Promise<number>;
  /** The node that says that it has a slot. */
  ownerOf(slot: number): Promise<ClusterNode>;
  /** A node that says that it is the replica of another. */
  replicaOf(node: ClusterNode): Promise<ClusterNode>;
  close(): Promise<void>;
}

/** What {@link startRedisCluster} makes. */
export interface RedisClusterOptions {
  /** How many of the masters have a replica. */
  readonly replicas?: number;
  /** After how long a silent node counts as failed. */
  readonly nodeTimeoutMs?: number;
}

/** Starts three masters on free ports of the loopback address that share the slots, and replicas of some. */
export async function startRedisCluster(options: RedisClusterOptions = {}): Promise<RedisCluster> {
  const { replicas: replicaCount = 0, nodeTimeoutMs = 3_000 } = options;
  const starting = Array.from({ length: 3 + replicaCount }, () => startNode(nodeTimeoutMs));
  const nodes = await Promise.all(starting);
  const masters = nodes.slice(0, 3);
  const replicas = nodes.slice(3);
  const clients: Cluster[] = [];
  await form(masters, replicas);
  return {
    nodes,
    client(more = {}) {
      const startupNodes = nodes.map(({ server }) => ({ host: '127.0.0.1', port: server.port }));
      const client = new Cluster(startupNodes, more);
      client.on('error', () => {});
      clients.push(client);
      return client;
    },
    async slotOf(key) {
      return Number(await masters[0]?.redis.cluster('KEYSLOT', key));
    },
    async ownerOf(slot) {
      for (const node of nodes) if (hasSlot(await saysOfItself(node), slot)) return node;
      throw new Error(`nobody has the slot ${slot}`);
    },
    async replicaOf({ id }) {
      for (const node of nodes) if ((await saysOfItself(node)).masterId === id) return node;
      throw new Error(`${id} has no replica`);
    },
    async close() {
      for (const client of clients) client.disconnect();
      for (const { redis } of nodes) redis.disconnect();
      await Promise.all(nodes.map(({ server }) => server.close()));
    },
  };
}

/** A slot on its way from one node to another, step by step as `redis-cli --cluster reshard` goes. */
export class SlotMove {
  readonly #slot: number;
  readonly #from: ClusterNode;
  readonly #to: ClusterNode;

  constructor(slot: number, from: ClusterNode, to: ClusterNode) {
    this.#slot = slot;
    this.#from = from;
    this.#to = to;
  }

  async open(): Promise<void> {
    await this.#to.redis.cluster('SETSLOT', this.#slot, 'IMPORTING', this.#from.id);
    await this.#from.redis.cluster('SETSLOT', this.#slot, 'MIGRATING', this.#to.id);
  }

  /** Carries some keys over and answers how many that were. */
  async carry(count: number): Promise<number> {
    const keys = (await this.#from.redis.cluster('GETKEYSINSLOT', this.#slot, count)) as string[];
    if (keys.length === 0) return 0;
    await this.#from.redis.call('MIGRATE', '127.0.0.1', this.#to.server.port, '', 0, 5_000, 'KEYS', ...keys);
    return keys.length;
  }

  /** Tells one of the two who has the slot from now on. */
  async tell(which: 'source' | 'target'): Promise<void> {
    const { redis } = which === 'source' ? this.#from : this.#to;
    await redis.cluster('SETSLOT', this.#slot, 'NODE', this.#to.id);
  }
}

/** Waits for what a node says of itself. */
export async function waitFor(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const before = performance.now();
  while (!(await isSo().catch(() => false))) {
    if (performance.now() - before > PATIENCE_MS) throw new Error(`${what} did not come`);
    await sleep(20);
  }
}

async function startNode(nodeTimeoutMs: number, tries = 3): Promise<ClusterNode> {
  try {
    const bus = ['--cluster-port', `${await freePort()}`, '--cluster-node-timeout', `${nodeTimeoutMs}`];
    const server = await startRedisServer(
      '--cluster-enabled',
      'yes',
      '--repl-diskless-sync-delay',
      '0',
      ...bus,
    );
    const redis = new Redis(server.url);
    return { id: String(await redis.cluster('MYID')), server, redis };
  } catch (error) {
    // Somebody else was given the port meanwhile.
    if (tries === 1) throw error;
    return startNode(nodeTimeoutMs, tries - 1);
  }
}

async function form(masters: readonly ClusterNode[], replicas: readonly ClusterNode[]): Promise<void> {
  const [first] = masters;
  const nodes = [...masters, ...replicas];
  for (const [place, { redis }] of nodes.entries()) {
    await redis.cluster('SET-CONFIG-EPOCH', place + 1);
    const start = Math.floor((place * SLOTS) / masters.length);
    const end = Math.floor(((place + 1) * SLOTS) / masters.length) - 1;
    if (place < masters.length) await redis.cluster('ADDSLOTSRANGE', start, end);
    if (place > 0) await redis.call('CLUSTER', 'MEET', '127.0.0.1', ...(await portsOf(first)));
  }
  await waitFor('that all nodes know all', async () => everyone(nodes, knows(nodes.length)));
  for (const [place, { redis }] of replicas.entries())
    await redis.cluster('REPLICATE', masters[place]?.id ?? '');
  await waitFor('a cluster that is well', async () => everyone(nodes, isWell));
  for (const { redis } of replicas)
    await waitFor('a replica in step', async () => (await redis.info()).includes('master_link_status:up'));
}

async function portsOf(node: ClusterNode | undefined): Promise<string[]> {
  const [, busPort = ''] = ((await node?.redis.config('GET', 'cluster-port')) ?? []) as string[];
  return [`${node?.server.port}`, busPort];
}

async function everyone(nodes: readonly ClusterNode[], isSo: (info: string) => boolean): Promise<boolean> {
  const infos = await Promise.all(nodes.map(({ redis }) => redis.cluster('INFO')));
  return infos.every((info) => isSo(String(info)));
}

function knows(count: number): (info: string) => boolean {
  return (info) => info.includes(`cluster_known_nodes:${count}\r\n`);
}

function isWell(info: string): boolean {
  return info.includes('cluster_state:ok') && info.includes(`cluster_slots_ok:${SLOTS}`);
}

interface Self {
  readonly isMaster: boolean;
  readonly masterId: string;
  readonly ranges: readonly string[];
}

/** What CLUSTER NODES says of the node that is asked. */
async function saysOfItself({ redis }: ClusterNode): Promise<Self> {
  const lines = String(await redis.cluster('NODES')).split('\n');
  const line = lines.find((each) => each.includes('myself')) ?? '';
  const [, , flags = '', masterId = '', , , , , ...ranges] = line.split(' ');
  return { isMaster: flags.includes('master'), masterId, ranges };
}

function hasSlot({ isMaster, ranges }: Self, slot: number): boolean {
  return (
    isMaster &&
    ranges.some((range) => {
      const [start = Number.NaN, end = start] = range.split('-').map(Number);
      return start <= slot && slot <= end;
    })
  );
}

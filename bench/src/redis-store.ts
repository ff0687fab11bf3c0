import { randomUUID } from 'node:crypto';

import { Redis } from 'ioredis';

import type { Lease, NewJob } from '@imgferry/core';
import { RedisStore } from '@imgferry/redis-store';
import { startRedisServer } from '../../tests/setup/redis-server.ts';
import { sayProgress } from './progress.ts';
import { factOf } from './redis-usage.ts';
import type { Row } from './row.ts';
import { whileOpen } from './while-open.ts';

const host = 'imgur';
const urlBytes = 67;
const extents = { whole: { uploads: 100_000, runs: 3 }, quick: { uploads: 10_000, runs: 1 } };
const batch = 64;
const aloneUploads = 1_000;

/** What one run of the store has cost Redis. */
interface Run {
  readonly waitingBytes: number;
  readonly restingBytes: number;
  readonly batched: Cost;
  readonly alone: Cost;
}

/** What claiming and settling cost, for each upload. */
interface Cost {
  readonly roundTrips: number;
  readonly commands: number;
  readonly cpuMs: number;
  readonly bytesOnTheWire: number;
}

/** What Redis pays for each upload: memory, round trips, commands and CPU. Each run on a server of its own. */
export async function measureRedisStore({ quick }: { readonly quick: boolean }): Promise<Row[]> {
  const results: Run[] = [];
  const { uploads, runs } = extents[quick ? 'quick' : 'whole'];
  for (let run = 1; run <= runs; run += 1) {
    sayProgress(`redis-store: a job of ${uploads} URLs, claimed and settled ${batch} at a time, run ${run}`);
    results.push(await runOnce(uploads));
  }
  return rowsOf(results);
}

async function runOnce(uploads: number): Promise<Run> {
  return whileOpen(async (open) => {
    const server = open(await startRedisServer());
    const admin = new Redis(server.url);
    open({ close: () => admin.disconnect() });
    const store = open(new RedisStore({ url: server.url }));
    await store.ready();
    // The scripts, which are loaded when they are first needed, are no cost of an upload.
    await store.create(jobOf(batch));
    await workThrough(store, batch, batch);
    const empty = await usedBytes(admin);
    await store.create(jobOf(uploads));
    const waitingBytes = ((await usedBytes(admin)) - empty) / uploads - urlBytes;
    const batched = await costOf(admin, uploads, () => workThrough(store, uploads, batch));
    // The history is bounded by a count of its own, whatever passes through.
    const historyBytes = Number(await admin.memory('USAGE', '{imgferry}:events', 'SAMPLES', 0));
    const restingBytes = ((await usedBytes(admin)) - empty - historyBytes) / uploads - urlBytes;
    await store.create(jobOf(aloneUploads));
    const alone = await costOf(admin, aloneUploads, () => workThrough(store, aloneUploads, 1));
    return { waitingBytes, restingBytes, batched, alone };
  });
}

function jobOf(count: number): NewJob {
  const urls = Array.from({ length: count }, (_, index) =>
    `https://pictures.example/a-folder-of-some-length/${index}/`.padEnd(urlBytes - 4, 'x').concat('.jpg'),
  );
  return { id: randomUUID(), urls, host, options: {} };
}

async function workThrough(store: RedisStore, count: number, limit: number): Promise<void> {
  for (let left = count; left > 0; ) {
    const { leases } = await store.queue.claim({ host, limit, leaseMs: 60_000, workerId: 'bench' });
    if (leases.length === 0) throw new Error(`${left} of ${count} uploads are not handed out`);
    await store.settle(leases.map(requestFor));
    left -= leases.length;
  }
}

function requestFor(lease: Lease): Parameters<RedisStore['settle']>[0][number] {
  const link = `https://i.imgur.com/${String(lease.token).slice(-7)}.jpg`;
  const facts = { bytes: 50_000, type: 'image/jpeg', width: 1_024, height: 768 };
  return { lease, posts: 1, outcome: { status: 'complete', link, deleteHash: 'abcdefghijklmno', ...facts } };
}

async function costOf(admin: Redis, count: number, work: () => Promise<void>): Promise<Cost> {
  const before = await spent(admin);
  await work();
  const after = await spent(admin);
  const each = (figure: keyof Cost): number => (after[figure] - before[figure]) / count;
  return {
    roundTrips: each('roundTrips'),
    commands: each('commands'),
    cpuMs: each('cpuMs'),
    bytesOnTheWire: each('bytesOnTheWire'),
  };
}

async function spent(admin: Redis): Promise<Cost> {
  const info = String(await admin.info('everything'));
  const fact = (name: string): number => factOf(info, name);
  const calls = [...info.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)].map(
    ([, name = '', count]) => [name, Number(count)] as const,
  );
  return {
    roundTrips: calls
      .filter(([name]) => name === 'evalsha' || name === 'eval')
      .reduce((sum, [, count]) => sum + count, 0),
    commands: calls.reduce((sum, [, count]) => sum + count, 0),
    cpuMs: 1_000 * (fact('used_cpu_user') + fact('used_cpu_sys')),
    bytesOnTheWire: fact('total_net_input_bytes') + fact('total_net_output_bytes'),
  };
}

/** Without what connections hold for a moment. */
async function usedBytes(admin: Redis): Promise<number> {
  return Number(/used_memory_dataset:(\d+)/.exec(await admin.info('memory'))?.[1]);
}

function rowsOf(results: readonly Run[]): Row[] {
  const row = (what: string, unit: string, figure: (run: Run) => number, most?: number): Row => ({
    what: `redis-store, each upload: ${what}`,
    unit,
    ours: results.map(figure),
    ...(most === undefined ? {} : { aim: { of: 'ours', most } }),
  });
  return [
    row('memory waiting, beside its URL', 'bytes', ({ waitingBytes }) => waitingBytes, 80),
    row('memory at rest, beside its URL', 'bytes', ({ restingBytes }) => restingBytes, 130),
    row('round trips, alone', '', ({ alone }) => alone.roundTrips, 2),
    row(`round trips, ${batch} at a time`, '', ({ batched }) => batched.roundTrips),
    row(`commands, those in scripts included, ${batch} at a time`, '', ({ batched }) => batched.commands),
    row(`on the wire, ${batch} at a time`, 'bytes', ({ batched }) => batched.bytesOnTheWire),
    row(`CPU of Redis, ${batch} at a time`, 'ms', ({ batched }) => batched.cpuMs),
  ];
}

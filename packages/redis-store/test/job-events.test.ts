import { randomUUID } from 'node:crypto';

import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { type Lease, type StoreEvent, StoreUnavailableError, silentLogger } from '@imgferry/core';
import { type RedisServer, startRedisServer } from '../../../tests/setup/redis-server.ts';
import { RedisStore } from '../src/index.ts';

const HOST = 'host';
const CLAIM = { host: HOST, limit: 1_000, leaseMs: 60_000, workerId: 'worker' };
const MOST_EVENTS = 1_000;
const FOLLOWERS = 1_000;
/** So few at once that no reader is ever behind all that is kept. */
const AT_ONCE = 100;

let server: RedisServer;
let admin: Redis;
let store: RedisStore;
let ended: AbortController;

beforeEach(async () => {
  server = await startRedisServer();
  admin = new Redis(server.url);
  store = new RedisStore({ url: server.url, maxEvents: MOST_EVENTS, logger: silentLogger });
  ended = new AbortController();
});

afterEach(async () => {
  ended.abort();
  await store.close();
  admin.disconnect();
  await server.close();
});

async function createJob(count = 1, { length = 0, host = HOST } = {}): Promise<string> {
  const urls = Array.from({ length: count }, (_, index) => `https://a.example/${index}/`.padEnd(length, 'x'));
  const id = randomUUID();
  await store.create({ id, urls, host, options: {} });
  return id;
}

/** So many times two events of other jobs, each an entry of its own. */
async function beBusy(jobs: number): Promise<void> {
  for (let told = 0; told < jobs; told += AT_ONCE) {
    const ids = await Promise.all(
      Array.from({ length: AT_ONCE }, () => createJob(1, { host: 'another-host' })),
    );
    await Promise.all(ids.map((id) => store.cancel(id)));
  }
}

/** What a follower is told until the job has finished, and how often it has waited for something. */
function follow(jobId: string) {
  const told: string[] = [];
  const signal = AbortSignal.any([ended.signal]);
  const { mock } = vi.spyOn(signal, 'addEventListener');
  const events = store.events({ jobId, signal });
  const finished = (async () => {
    for await (const { type } of events) {
      told.push(type);
      if (type === 'job:finished') break;
    }
  })();
  return { told, finished, waits: () => mock.calls.length };
}

async function complete(lease: Lease | undefined): Promise<void> {
  if (lease === undefined) return expect.fail('there is no lease');
  const outcome = { status: 'complete', link: 'https://l.example/1', bytes: 1, type: 'image/png' } as const;
  await store.settle([{ lease, posts: 1, outcome }]);
}

/** Which connections have sent this last. */
async function sendersOf(command: string): Promise<readonly string[]> {
  const lines = String(await admin.client('LIST')).split('\n');
  return lines.filter((line) => line.includes(` cmd=${command} `)).map((line) => line.split(' ')[0] ?? '');
}

/** Everything that is kept, of a job or of all. */
async function readRest(jobId?: string): Promise<readonly StoreEvent[]> {
  const rest = { after: '1-1.0', live: false, signal: ended.signal };
  const told: StoreEvent[] = [];
  for await (const event of store.events(jobId === undefined ? rest : { ...rest, jobId })) told.push(event);
  return told;
}

async function callsOf(command: string): Promise<number> {
  return Number(
    new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(await admin.info('commandstats'))?.[1] ?? 0,
  );
}

it('a thousand followers of a job sleep while others are busy, and are woken by its events alone', async () => {
  const jobId = await createJob();
  const followers = Array.from({ length: FOLLOWERS }, () => follow(jobId));
  const countWaits = () => followers.reduce((sum, { waits }) => sum + waits(), 0);
  await expect.poll(() => callsOf('evalsha')).toBeGreaterThanOrEqual(FOLLOWERS);
  const [lease] = (await store.queue.claim(CLAIM)).leases;
  await expect.poll(() => followers.every(({ told }) => told.length === 1)).toBe(true);
  const [waited, scripts] = [countWaits(), await callsOf('evalsha')];

  await beBusy(1_500);
  expect(countWaits() - waited).toBe(0);
  expect((await callsOf('evalsha')) - scripts).toBeLessThanOrEqual(2 * 1_500 + 5);

  const before = await callsOf('evalsha');
  await complete(lease);
  for (const { told, finished } of followers) {
    await finished;
    expect(told).toEqual(['job:started', 'upload:completed', 'job:finished']);
  }
  expect((await callsOf('evalsha')) - before).toBeLessThanOrEqual(5);
}, 30_000);

it('who has missed something reads on together with all who stand there', async () => {
  const jobId = await createJob();
  await beBusy(300);
  const before = await callsOf('evalsha');
  const followers = Array.from({ length: 200 }, () =>
    store.events({ jobId, after: '1-1.0', signal: ended.signal })[Symbol.asyncIterator](),
  );
  for (const told of await Promise.all(followers.map((each) => each.next())))
    expect(told.value?.type).toBe('gap');
  const next = followers.map((each) => each.next());
  for (const told of await Promise.all(next)) expect(told.value?.type).toBe('job:created');
  // Each has asked where its place is.
  expect((await callsOf('evalsha')) - before).toBeLessThanOrEqual(200 + 10);
  await Promise.all(followers.map((each) => each.return?.()));
});

it('what has happened is read to its end however much is between, and by nobody who waits', async () => {
  const jobId = await createJob();
  await beBusy(300);
  await complete((await store.queue.claim(CLAIM)).leases[0]);
  const types = (await readRest(jobId)).map(({ type }) => type);
  expect(types).toEqual(['gap', 'job:created', 'job:started', 'upload:completed', 'job:finished']);
  expect(await callsOf('xread')).toBe(0);
});

it('those who are behind wait their turn, and ask for nothing more once they have left', async () => {
  const jobId = await createJob();
  await beBusy(200);
  const ids = (await readRest()).slice(1, 301).map(({ id }) => id);
  const left = new AbortController();
  const before = await callsOf('evalsha');
  const reads = ids.map((after) =>
    store.events({ jobId, after, live: false, signal: left.signal })[Symbol.asyncIterator]().next(),
  );
  left.abort();
  for (const read of reads) expect((await read).done).toBe(true);
  await readRest('of nobody');
  // What was under way, and what has just been read.
  expect((await callsOf('evalsha')) - before).toBeLessThanOrEqual(2 + 1 + Math.ceil(401 / 16));
});

it('a piece of the history is of a few entries, and ends with one that is long', async () => {
  await createJob();
  await beBusy(200);
  let before = await callsOf('evalsha');
  await readRest();
  expect((await callsOf('evalsha')) - before).toBe(1 + Math.ceil(401 / 16));

  await admin.flushall();
  await createJob(300, { length: 4_000 });
  const { leases } = await store.queue.claim(CLAIM);
  const outcome = { status: 'failed', failure: { code: 'source_tls', message: 'no' } } as const;
  for (let at = 0; at < 300; at += 100)
    await store.settle(leases.slice(at, at + 100).map((lease) => ({ lease, outcome, posts: 0 })));
  before = await callsOf('evalsha');
  expect((await readRest()).length).toBe(1 + 2 + 300 + 1);
  expect((await callsOf('evalsha')) - before).toBe(1 + 3);
});

it('pieces of the history come by another connection than the steps', async () => {
  await createJob();
  await store.get('of nobody');
  const [steps, ...others] = await sendersOf('evalsha');
  expect(others).toEqual([]);
  await readRest();
  expect(await sendersOf('evalsha')).toEqual([steps, expect.any(String)]);
});

it('what is not live gives up when Redis is away for too long', async () => {
  await store.close();
  store = new RedisStore({ url: server.url, timeoutMs: 50, logger: silentLogger });
  await expect.poll(() => createJob().catch(() => undefined)).toBeDefined();
  await admin.client('PAUSE', 30_000, 'ALL');
  await expect(readRest()).rejects.toBeInstanceOf(StoreUnavailableError);
});

import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, it } from 'vitest';

import type { Lease, Outcome } from '@imgferry/core';
import { aWorker } from '../../../tests/setup/a-worker.ts';
import { monitorRedis } from '../../../tests/setup/redis-monitor.ts';
import { type RedisServer, startRedisServer } from '../../../tests/setup/redis-server.ts';
import { Connection } from '../src/connection.ts';
import { checkInvariants, RedisStore } from '../src/index.ts';
import { resolveOptions } from '../src/options.ts';
import { retryChosen } from '../src/retry-chosen.ts';
import { type StepName, stepText } from '../src/step-text.ts';
import { MovedClock, moveClockByHand } from './moved-clock.ts';

moveClockByHand();

const NAMESPACE = 'bounds';
const PREFIX = `{${NAMESPACE}}:`;
const HOST = 'host';
const LEASE_MS = 10_000;
const RETENTION_MS = 1_000_000;
/** Long: hearing of every command keeps this process busy. */
const TIMEOUT_MS = 20_000;

let server: RedisServer;
let redis: Redis;
let clock: MovedClock;
let store: RedisStore;

beforeEach(async () => {
  server = await startRedisServer();
  redis = new Redis(server.url);
  clock = await new MovedClock(server.url, NAMESPACE).begin();
  store = new RedisStore({
    url: server.url,
    namespace: NAMESPACE,
    retentionMs: RETENTION_MS,
    timeoutMs: TIMEOUT_MS,
  });
});

afterEach(async () => {
  await store.close();
  clock.close();
  redis.disconnect();
  await server.close();
});

async function create(id: string, count: number): Promise<void> {
  const urls = Array.from({ length: count }, (_, index) => `https://a.example/${index}`);
  await store.create({ id, urls, host: HOST, options: {} });
}

async function claim(limit = 1): Promise<readonly Lease[]> {
  return (await store.queue.claim({ host: HOST, limit, leaseMs: LEASE_MS, workerId: 'worker' })).leases;
}

async function settle(leases: readonly Lease[], outcome: (lease: Lease) => Outcome): Promise<void> {
  for (let first = 0; first < leases.length; first += 500)
    await store.settle(
      leases.slice(first, first + 500).map((lease) => ({ lease, outcome: outcome(lease), posts: 1 })),
    );
}

function fail(): Outcome {
  return { status: 'failed', failure: { code: 'source_status', message: 'gone' } };
}

function complete({ token }: Lease): Outcome {
  return { status: 'complete', link: `https://links.example/${token}`, bytes: 1, type: 'image/png' };
}

/** The most commands that one script has run while something was done. */
async function mostCommands(work: () => Promise<unknown>): Promise<number> {
  const monitored: number[] = [];
  const { promise: isOver, resolve } = Promise.withResolvers<void>();
  let inStep = 0;
  const stop = await monitorRedis(server.url, ({ args: [command], from }) => {
    if (from === 'lua') inStep += 1;
    else {
      monitored.push(inStep);
      inStep = 0;
      if (command?.toLowerCase() === 'echo') resolve();
    }
  });
  await work();
  await redis.echo('over');
  await isOver;
  stop();
  return Math.max(...monitored);
}

async function wellAfterwards(): Promise<void> {
  expect((await checkInvariants({ client: redis, namespace: NAMESPACE })).violations).toEqual([]);
}

it('a cancel takes few commands however many leases have run out', async () => {
  await create('a job', 2_000);
  await claim(2_000);
  await clock.elapse(LEASE_MS);
  for (let round = 0; round < 20; round += 1) await claim(0);
  expect(await redis.llen(`${PREFIX}j:a job:expired`)).toBe(2_000);
  expect(await mostCommands(() => store.cancel('a job'))).toBeLessThan(100);
  for (let round = 0; round < 20; round += 1) await claim(0);
  expect(await redis.hlen(`${PREFIX}leases`)).toBe(0);
  await wellAfterwards();
});

const BOUNDS = { maxEvents: 1e4, maxWaiting: Number.POSITIVE_INFINITY };

/** Lets something happen each time that a step was taken. */
class WatchedConnection extends Connection {
  after: (step: StepName) => Promise<void> = async () => {};

  override async run(step: StepName, args: readonly (string | number)[]): Promise<unknown> {
    const answer = await super.run(step, args);
    await this.after(step);
    return answer;
  }
}

it('what fails while failed uploads are chosen is neither lost nor taken twice, in bounded steps', async () => {
  const connection = new WatchedConnection(
    resolveOptions({ url: server.url, namespace: NAMESPACE, timeoutMs: TIMEOUT_MS }),
  );
  await create('a job', 4_400);
  const leases: Lease[] = [];
  for (let round = 0; round < 3; round += 1) leases.push(...(await claim(2_000)));
  await settle(leases.slice(0, 800), fail);
  let failed = 800;
  connection.after = async (step) => {
    if (step !== 'choose' || failed === leases.length) return;
    await settle(leases.slice(failed, failed + 1_200), fail);
    failed += 1_200;
  };
  const url = (index: number) => `https://a.example/${index}`;
  const chosen = leases.map(({ index }) => index).filter((index) => index % 2 === 0);
  let retried: unknown;
  const most = await mostCommands(async () => {
    retried = await retryChosen(connection, 'a job', { urls: chosen.map(url) }, BOUNDS);
  });
  // Looking at a failure takes reading its record and its URL, and choosing it a write.
  expect(most).toBeLessThan(5_000);
  expect(failed).toBe(4_400);
  expect(retried).toMatchObject({ job: { failed: 2_200, waiting: 2_200 }, status: 'retried' });
  await wellAfterwards();
  const again: number[] = [];
  for (let found = await claim(2_000); found.length > 0; found = await claim(2_000)) {
    again.push(...found.map(({ index }) => index));
    await settle(found, complete);
  }
  expect(again.sort((a, b) => a - b)).toEqual(chosen.sort((a, b) => a - b));
  await connection.close();
});

it('a few late failures go with the others when failed uploads are chosen', async () => {
  const connection = new WatchedConnection(
    resolveOptions({ url: server.url, namespace: NAMESPACE, timeoutMs: TIMEOUT_MS }),
  );
  await create('a job', 4);
  const leases = await claim(4);
  await settle(leases.slice(0, 2), fail);
  connection.after = async (step) => {
    if (step === 'failures') await settle(leases.slice(2, 3), fail);
  };
  const which = { urls: ['https://a.example/0'] };
  expect(await retryChosen(connection, 'a job', which, BOUNDS)).toMatchObject({
    job: { failed: 2, waiting: 1, claimed: 1 },
  });
  await wellAfterwards();
  expect(await store.retry('a job')).toMatchObject({ job: { failed: 0, waiting: 3, claimed: 1 } });
  await connection.close();
});

it('any number of leases can be extended, settled and given back, two thousand in a step', async () => {
  await create('a job', 4_500);
  const leases: Lease[] = [];
  for (let round = 0; round < 3; round += 1) leases.push(...(await claim(2_000)));
  const [settled, released] = [leases.slice(0, 2_200), leases.slice(2_200)];
  const settles = settled.map((lease) => ({ lease, outcome: complete(lease), posts: 1 }));
  const releases = released.map((lease) => ({ lease, delayMs: 5, countAttempt: true, posts: 0 }));
  const steps: number[] = [];
  const count = async (work: () => Promise<unknown>): Promise<void> => {
    const before = await scriptCalls();
    await work();
    steps.push((await scriptCalls()) - before);
  };
  await count(async () => expect(await store.queue.extend(leases, 5 * LEASE_MS)).toEqual([]));
  await count(async () => expect(new Set(await store.settle(settles)).size).toBe(2_200));
  await count(() => store.queue.release(releases));
  expect(steps).toEqual([3, 2, 2]);
  expect(await store.get('a job')).toMatchObject({ complete: 2_200, waiting: 2_300, claimed: 0 });
  await wellAfterwards();
});

async function scriptCalls(): Promise<number> {
  const calls = /cmdstat_evalsha:calls=(\d+),.*failed_calls=(\d+)/.exec(await redis.info('commandstats'));
  const first = /cmdstat_eval:calls=(\d+)/.exec(await redis.info('commandstats'));
  return Number(calls?.[1]) - Number(calls?.[2]) + Number(first?.[1] ?? 0);
}

/** Leaves many parts that run again: what fails is retried before what failed before it has run. */
async function retryOften(id: string, times: number): Promise<void> {
  await create(id, times);
  const leases = await claim(times);
  for (const lease of leases) {
    await settle([lease], fail);
    await store.retry(id);
  }
  expect(Number(await redis.hget(`${PREFIX}j:${id}`, 'againLast'))).toBe(times);
}

it('a job that was retried very often is forgotten whole, in bounded steps', async () => {
  await retryOften('a job', 450);
  await store.cancel('a job');
  await clock.elapse(RETENTION_MS);
  const most = await mostCommands(async () => {
    for (let round = 0; round < 4; round += 1) await claim();
  });
  expect(most).toBeLessThan(100);
  expect(await redis.keys(`${PREFIX}j:*`)).toEqual([]);
  expect(await redis.exists(`${PREFIX}trash`)).toBe(0);
});

it('parts that a choice in a cancelled job leaves behind are removed, in bounded steps', async () => {
  await retryOften('a job', 450);
  await store.cancel('a job');
  const most = await mostCommands(async () => {
    await store.retry('a job', { urls: ['https://a.example/3'] });
    for (let round = 0; round < 4; round += 1) await claim(0);
  });
  expect(most).toBeLessThan(2_500);
  expect(await redis.keys(`${PREFIX}j:*:again:*`)).toEqual([`${PREFIX}j:a job:again:450`]);
  expect((await claim(10)).map(({ index }) => index)).toEqual([3]);
  await wellAfterwards();
});

it.each([
  ['forgotten', 1],
  ['over and not yet forgotten', 0],
])('an id of a job that is %s keeps what is new, and leaves nothing behind', async (_when, sweeps) => {
  // The lists of the first are swept first.
  for (const id of ['1', '2']) {
    await retryOften(id, 450);
    await store.cancel(id);
  }
  await clock.elapse(RETENTION_MS);
  for (let sweep = 0; sweep < sweeps; sweep += 1) await claim(0);
  await create('2', 2);
  await settle(await claim(1), fail);
  await store.retry('2');
  for (let round = 0; round < 10; round += 1) await claim(0);
  expect((await redis.keys(`${PREFIX}j:*:again:*`)).length).toBeGreaterThan(0);
  expect((await claim(5)).map(({ index }) => index)).toEqual([0, 1]);
  await wellAfterwards();
  await store.cancel('2');
  await clock.elapse(RETENTION_MS);
  for (let round = 0; round < 10; round += 1) await claim(0);
  expect(await redis.keys(`${PREFIX}j:*`)).toEqual([]);
  expect(await redis.exists(`${PREFIX}trash`)).toBe(0);
});

it('jobs that are created and never claimed do not pile up', async () => {
  for (let job = 0; job < 200; job += 1) {
    await create(`job ${job}`, 1);
    await store.cancel(`job ${job}`);
    await clock.elapse(RETENTION_MS / 10);
  }
  expect(await redis.zcard(`${PREFIX}jobs`)).toBeLessThan(15);
  expect((await redis.keys(`${PREFIX}j:*`)).length).toBeLessThan(50);
});

it('jobs that are over and not yet swept hide none from a list', async () => {
  await create('the first', 1);
  await store.pause('queue');
  for (let job = 0; job < 300; job += 1) {
    await create(`job ${job}`, 1);
    await store.cancel(`job ${job}`);
  }
  await clock.elapse(RETENTION_MS);
  expect((await store.list({ limit: 1 })).items.map(({ id }) => id)).toEqual(['the first']);
  expect(await mostCommands(() => store.list({ limit: 1 }))).toBeLessThan(150);
});

it('links beyond the most that are kept go some at a time', async () => {
  const links = Array.from({ length: 30_000 }, (_, link) => `${link}`);
  await redis.rpush(`${PREFIX}links`, ...links);
  const few = new RedisStore({ url: server.url, namespace: NAMESPACE, maxLinks: 10 });
  const lengths: number[] = [];
  await create('a job', 3);
  for (const lease of await claim(3)) {
    await few.settle([{ lease, outcome: complete(lease), posts: 1 }]);
    lengths.push(await redis.llen(`${PREFIX}links`));
  }
  expect(lengths).toEqual([20_000, 10_000, 10]);
  expect((await few.links({ limit: 20 })).items.length).toBe(10);
  await few.close();
});

it('all of a large fleet are commanded and listed, a hundred in a step', async () => {
  const ids = Array.from({ length: 700 }, (_, number) => `worker-${number}`);
  for (const id of ids) await store.fleet.beat(aWorker({ id }), 60_000);
  const most = await mostCommands(async () => {
    expect(await store.fleet.command('all', { type: 'drain' })).toBe(700);
  });
  expect(most).toBeLessThan(1_000);
  expect((await store.fleet.list()).map(({ id }) => id)).toEqual([...ids].sort());
  expect(await redis.llen(`${PREFIX}commands:worker-699`)).toBe(1);
});

it('entries of somebody else in the history do not keep it from being trimmed', async () => {
  await redis.xadd(`${PREFIX}events`, '*', 'not', 'ours');
  const few = new RedisStore({ url: server.url, namespace: NAMESPACE, maxEvents: 5 });
  for (let job = 0; job < 30; job += 1)
    await few.create({ id: `job ${job}`, urls: ['https://a.example/1'], host: HOST, options: {} });
  expect(await redis.xlen(`${PREFIX}events`)).toBeLessThan(10);
  await few.close();
});

it('counting costs no more when many jobs have delays and many leases are out', async () => {
  await store.ready();
  const pipeline = redis.pipeline();
  pipeline.sadd(`${PREFIX}hosts`, HOST, 'other');
  for (let number = 0; number < 2_500; number += 1) {
    pipeline.zadd(`${PREFIX}delaying`, clock.now + 1, `job-${number}`);
    pipeline.zadd(`${PREFIX}j:job-${number}:delayed`, clock.now + 1, '0');
    pipeline.hset(`${PREFIX}leases`, number, 'packed');
    pipeline.zadd(`${PREFIX}deadlines:${HOST}`, clock.now, number);
    pipeline.sadd(`${PREFIX}expired`, -number);
  }
  await pipeline.exec();
  const most = await mostCommands(async () => {
    expect((await store.stats()).queue).toMatchObject({ nextDelayedMs: 1, overdue: 5_000 });
  });
  expect(most).toBeLessThan(20);
});

it('a large job whose parts are not all there is not created', async () => {
  const step = (name: StepName, ...args: (string | number)[]) =>
    redis.eval(stepText(name), 1, PREFIX, ...args);
  const part = Array.from({ length: 1_000 }, (_, index) => `https://a.example/${index}`);
  await step('stage', 'a job', 2_001, 0, ...part);
  await step('stage', 'a job', 2_001, 2, 'https://a.example/last');
  const create = () => step('create', 'a job', HOST, 2_001, '', '', '', 0, -1, 1e4, 0);
  expect(await create()).toEqual(['unstaged']);
  await step('stage', 'a job', 2_001, 1, ...part);
  expect(await create()).toMatchObject(['created', expect.anything()]);
});

it('a long page of jobs is read in bounded steps', async () => {
  const ids = Array.from({ length: 2_500 }, (_, number) => `job ${number}`);
  await Promise.all(ids.map((id) => create(id, 1)));
  let found: readonly string[] = [];
  const most = await mostCommands(async () => {
    found = (await store.list({ limit: 10_000 })).items.map(({ id }) => id);
  });
  expect(most).toBeLessThan(1_200);
  expect([...found].sort()).toEqual([...ids].sort());
});

it('a long page of links is read in bounded steps', async () => {
  const links = Array.from({ length: 2_500 }, (_, link) => `https://links.example/${link}`);
  await redis.rpush(`${PREFIX}links`, ...links);
  const lengths: number[] = [];
  const stop = await monitorRedis(server.url, ({ args: [command, , first, last] }) => {
    if (command?.toLowerCase() === 'lrange') lengths.push(Number(last) - Number(first) + 1);
  });
  expect(await store.links({ limit: 10_000 })).toEqual({ items: links, next: undefined });
  const first = await store.links({ limit: 2_400 });
  expect((await store.links({ limit: 200, cursor: first.next ?? '' })).items).toEqual(links.slice(2_400));
  await expect.poll(() => lengths.length).toBe(7);
  expect(Math.max(...lengths)).toBe(1_000);
  stop();
});

it('choices that no upload waits for any more are forgotten', async () => {
  await create('a job', 4);
  await settle(await claim(4), fail);
  for (let round = 0; round < 30; round += 1) {
    await store.retry('a job', { urls: ['https://a.example/1', 'https://a.example/3'] });
    await settle(await claim(4), fail);
  }
  expect(await redis.exists(`${PREFIX}j:a job:chosen`)).toBe(0);
  // What was chosen and cancelled has not been looked at, so it refers to its choice.
  await store.retry('a job', { urls: ['https://a.example/0', 'https://a.example/3'] });
  await claim(1);
  await store.cancel('a job');
  await store.retry('a job', { urls: ['https://a.example/3'] });
  const { items = [] } = (await store.uploads('a job')) ?? {};
  expect(items.map(({ status, failure }) => `${status} ${failure?.code}`)).toEqual([
    'failed cancelled',
    'failed source_status',
    'failed source_status',
    'waiting cancelled',
  ]);
  await wellAfterwards();
  await settle(await claim(4), complete);
  expect(await redis.exists(`${PREFIX}j:a job:chosen`)).toBe(0);
  await wellAfterwards();
});

it('an image is kept by Redis itself for no longer than it is remembered, and the newest counts', async () => {
  const key = `${PREFIX}image:digest`;
  await create('a job', 2);
  for (const ttlMs of [60_000, 3_600_000]) {
    await settle(await claim(), (lease) => ({
      ...{ status: 'complete', link: `https://links.example/${lease.token}`, bytes: 1, type: 'image/png' },
      remember: { digest: 'digest', ttlMs },
    }));
    const leftMs = await redis.pttl(key);
    expect(leftMs).toBeGreaterThan(ttlMs / 2);
    expect(leftMs).toBeLessThanOrEqual(ttlMs);
  }
  await clock.elapse(3_599_999);
  expect(await store.recall('digest')).toMatch(/^https/);
  await clock.elapse(1);
  expect(await store.recall('digest')).toBeUndefined();
  await wellAfterwards();
});

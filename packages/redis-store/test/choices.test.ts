import { randomUUID } from 'node:crypto';

import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { StoreUnavailableError } from '@imgferry/core';
import { type RedisServer, startRedisServer } from '../../../tests/setup/redis-server.ts';
import { Connection } from '../src/connection.ts';
import { checkInvariants, RedisStore } from '../src/index.ts';
import { resolveOptions } from '../src/options.ts';
import { retryChosen } from '../src/retry-chosen.ts';
import { type StepName, stepText } from '../src/step-text.ts';
import { NamespaceCopy } from './namespace-copy.ts';

// A retry that selects looks at every failure of its job. Strangers may ask for many at once.
const NAMESPACE = 'choices';
const PREFIX = `{${NAMESPACE}}:`;
const JOB = 'a job';
const FAILURES = 2_500;
/** How many steps look at so many, and how many note a choice. */
const PARTS = 3;

let server: RedisServer;
let redis: Redis;
let store: RedisStore;
let connection: WatchedConnection;

/** Counts steps, and lets something happen each time that one was taken. */
class WatchedConnection extends Connection {
  readonly steps: StepName[] = [];
  after: (step: StepName) => Promise<void> = async () => {};

  override async run(step: StepName, args: readonly (string | number)[]): Promise<unknown> {
    const answer = await super.run(step, args);
    this.steps.push(step);
    await this.after(step);
    return answer;
  }
}

beforeEach(async () => {
  server = await startRedisServer();
  redis = new Redis(server.url);
  const options = { url: server.url, namespace: NAMESPACE, timeoutMs: 20_000 };
  store = new RedisStore(options);
  connection = new WatchedConnection(resolveOptions(options));
  await create(JOB, FAILURES);
  await store.cancel(JOB);
});

afterEach(async () => {
  await connection.close();
  await store.close();
  redis.disconnect();
  await server.close();
});

async function create(id: string, count: number): Promise<void> {
  await store.create({
    id,
    urls: Array.from({ length: count }, (_, index) => url(index)),
    host: 'h',
    options: {},
  });
}

function url(index: number): string {
  return `https://a.example/${index}`;
}

/** How often each command was called, by clients and by scripts. */
async function calls(): Promise<Map<string, number>> {
  const lines = (await redis.info('commandstats')).matchAll(/^cmdstat_(\S+?):calls=(\d+)/gm);
  return new Map([...lines].map(([, command, count]) => [command ?? '', Number(count)]));
}

/** How often each command was called more than before. */
async function callsOf(work: () => Promise<unknown>): Promise<Map<string, number>> {
  const before = await calls();
  await work();
  const after = [...(await calls())].map(([name, count]) => [name, count - (before.get(name) ?? 0)] as const);
  return new Map(after.filter(([name, count]) => count > 0 && name !== 'info'));
}

async function violations(): Promise<unknown> {
  return (await checkInvariants({ client: redis, namespace: NAMESPACE })).violations;
}

it('a retry that matches nothing only reads, and each failure once', async () => {
  await store.retry(JOB, { urls: [url(0)] });
  const made = await callsOf(async () => {
    const answer = await store.retry(JOB, { urls: ['https://a.example/none'] });
    expect(answer).toMatchObject({ status: 'unchanged', job: { failed: FAILURES - 1 } });
  });
  const reads = [
    'get',
    'hget',
    'hgetall',
    'hmget',
    'lindex',
    'lrange',
    'sismember',
    'smismember',
    'time',
    'exists',
  ];
  const scripts = ['evalsha', 'eval'];
  expect([...made.keys()].filter((name) => !reads.includes(name) && !scripts.includes(name))).toEqual([]);
  expect(made.get('lindex')).toBeLessThanOrEqual(2 * FAILURES);
});

it('of many retries at once that choose from one job each looks once, and beyond a few dozen they are refused', async () => {
  const wanted = Array.from({ length: 60 }, (_, index) => index);
  let answers: PromiseSettledResult<unknown>[] = [];
  const made = await callsOf(async () => {
    answers = await Promise.allSettled(wanted.map((index) => store.retry(JOB, { urls: [url(index)] })));
  });
  const done = answers.filter(({ status }) => status === 'fulfilled');
  const refused = answers.filter((answer) => answer.status === 'rejected');
  expect([done.length, refused.length]).toEqual([33, 27]);
  for (const { reason } of refused) {
    expect(reason).toBeInstanceOf(StoreUnavailableError);
    expect(String(reason)).toContain('too many retries choose from this job at once; nothing was changed');
  }
  // Each step once in full before its digest is known.
  const steps = (made.get('evalsha') ?? 0) + (made.get('eval') ?? 0);
  expect(steps).toBeLessThanOrEqual(33 * (2 * PARTS + 1) + 10);
  expect(await store.get(JOB)).toMatchObject({ waiting: 33, failed: FAILURES - 33 });
  expect(await violations()).toEqual([]);
});

it('who waits until another process has chosen looks no more often for that', async () => {
  const theirs = [JOB, `${randomUUID()}0`, 0, 1, 1, 1, 0];
  expect(await redis.eval(stepText('choose'), 1, PREFIX, ...theirs)).toBe(1);
  const tried = Promise.withResolvers<void>();
  connection.after = async () => {
    if (connection.steps.filter((step) => step === 'choose').length === 3) tried.resolve();
  };
  const retried = retryChosen(connection, JOB, { urls: [url(7)] }, bounds());
  await tried.promise;
  expect(connection.steps).toEqual([...Array(PARTS).fill('failures'), ...Array(3).fill('choose')]);
  // Whoever chose has been silent for too long.
  await redis.pexpire(`${PREFIX}j:${JOB}:choice`, 590_000);
  expect(await retried).toMatchObject({ status: 'retried', job: { waiting: 1 } });
  expect(connection.steps.filter((step) => step === 'failures').length).toBe(PARTS);
});

it('who can not choose because others do is not told that the store is away', async () => {
  const over = performance.now();
  const retried = retryChosen(connection, JOB, { urls: [url(7)] }, bounds(), over);
  await expect(retried).rejects.toThrow('too many retries choose from this job at once; nothing was changed');
  expect(connection.steps).toEqual([]);
});

it('a choice with which too many would wait is refused before anything of it is written', async () => {
  await create('another', 5);
  const all = new NamespaceCopy(redis, PREFIX);
  const before = await all.digest();
  const which = { urls: [url(0), url(2_400)] };
  expect(await retryChosen(connection, JOB, which, bounds(6))).toMatchObject({ status: 'full' });
  expect(connection.steps).toEqual(Array(PARTS).fill('failures'));
  expect(await all.digest()).toEqual(before);
});

it('a choice is refused also when others began to wait while it was noted', async () => {
  connection.after = async (step) => {
    if (step === 'choose') await create('another', 5);
  };
  const which = { urls: [url(0), url(2_400)] };
  expect(await retryChosen(connection, JOB, which, bounds(6))).toMatchObject({
    ...{ status: 'full', retryAfterMs: 5_000, job: { failed: FAILURES, waiting: 0 } },
  });
  expect(await store.get(JOB)).toMatchObject({ status: 'complete', cancelled: true, failed: FAILURES });
  expect(await violations()).toEqual([]);
  expect((await store.stats()).queue.waiting).toBe(5);
});

it('jobs that are cancelled and retried over and over do not pass what may wait', async () => {
  const ids = Array.from({ length: 20 }, (_, number) => `job ${number}`);
  for (const id of ids) {
    await create(id, 100);
    await store.cancel(id);
  }
  const answers = await Promise.all(
    ids.map((id, number) =>
      store.retry(id, number % 2 === 0 ? {} : { codes: ['cancelled'] }, { maxWaiting: 100 }),
    ),
  );
  expect(answers.filter((answer) => answer?.status === 'retried').length).toBe(1);
  expect((await store.stats()).queue.waiting).toBe(100);
  const failed = await Promise.all(ids.map(async (id) => (await store.get(id))?.failed));
  expect(failed.filter((count) => count === 100).length).toBe(19);
});

function bounds(maxWaiting: number = Number.POSITIVE_INFINITY) {
  return { maxEvents: 1e4, maxWaiting };
}

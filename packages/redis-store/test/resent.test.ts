import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { silentLogger } from '@imgferry/core';
import { aWorker } from '../../../tests/setup/a-worker.ts';
import { startRedisProxy } from '../../../tests/setup/redis-proxy.ts';
import { type RedisServer, startRedisServer } from '../../../tests/setup/redis-server.ts';
import { checkInvariants, RedisStore } from '../src/index.ts';
import { type StepName, stepText } from '../src/step-text.ts';
import { MovedClock, moveClockByHand } from './moved-clock.ts';
import { NamespaceCopy } from './namespace-copy.ts';
import { sentSettles } from './sent-settles.ts';

// A reply that is lost has its step sent again. The second time changes nothing and is answered as the first was.
moveClockByHand();

const NAMESPACE = 'resent';
const PREFIX = `{${NAMESPACE}}:`;
const HOST = 'host';
const SCOPE = ['bucket'];
const CLAIM = { host: HOST, limit: 9, leaseMs: 60_000, workerId: 'worker' };

let server: RedisServer;
let redis: Redis;
let clock: MovedClock;
let store: RedisStore;
let all: NamespaceCopy;

beforeEach(async () => {
  server = await startRedisServer();
  redis = new Redis(server.url);
  clock = await new MovedClock(server.url, NAMESPACE).begin();
  store = new RedisStore({ url: server.url, namespace: NAMESPACE, timeoutMs: 20_000 });
  all = new NamespaceCopy(redis, PREFIX);
  await store.create(jobOf('a job', 3));
});

afterEach(async () => {
  await store.close();
  clock.close();
  redis.disconnect();
  await server.close();
});

function jobOf(id: string, count: number) {
  const urls = Array.from({ length: count }, (_, index) => `https://a.example/${index}`);
  return { id, urls, host: HOST, options: {} };
}

function step(name: StepName, ...args: readonly (string | number)[]): Promise<unknown> {
  return redis.eval(stepText(name), 1, PREFIX, ...args);
}

/** Takes a step, lets something happen, and takes it again. */
async function twice(
  name: StepName,
  args: readonly (string | number)[],
  between: () => Promise<unknown> = async () => {},
): Promise<unknown> {
  const first = await step(name, ...args);
  await between();
  const before = await all.digest();
  expect(await step(name, ...args)).toEqual(first);
  expect(await all.digest()).toEqual(before);
  expect((await checkInvariants({ url: server.url, namespace: NAMESPACE })).violations).toEqual([]);
  return first;
}

async function failAll(): Promise<void> {
  const { leases } = await store.queue.claim(CLAIM);
  const outcome = { status: 'failed', failure: { code: 'source_status', message: 'gone' } } as const;
  await store.settle(leases.map((lease) => ({ lease, outcome, posts: 0 })));
}

const CLAIM_ARGS = [HOST, 2, 60_000, '[]', 'slot', 1, 1e9, 1e4];

it.each([
  ['nothing', async () => {}],
  ['a pause of the queue', () => store.pause('queue')],
  ['a pause of the host', () => store.pause({ host: HOST })],
  ['a pause of the job', () => store.pause({ jobId: 'a job' })],
])('a claim is answered with its leases after %s', async (_what, between) => {
  const [[run]] = (await twice('claim', CLAIM_ARGS, between)) as [[unknown[]]];
  expect(run?.slice(-2)).toEqual(['https://a.example/0', 'https://a.example/1']);
});

it('a claim that ended a job is answered with that job as it was then', async () => {
  const claim = async (number: number): Promise<readonly unknown[][]> =>
    ((await step('claim', ...CLAIM_ARGS.with(1, 9).with(5, number))) as [unknown, unknown, unknown[][]])[2];
  for (const number of [1, 2, 3]) {
    expect(await claim(number)).toEqual([]);
    await clock.elapse(60_001);
  }
  const ended = await claim(4);
  expect(ended.map((upload) => upload[6])).toEqual([null, null, await step('get', 'a job')]);
  await store.retry('a job');
  expect(await claim(4)).toEqual(ended);
});

it('a settle that finished a job is answered with the job as it was then', async () => {
  const { leases } = await store.queue.claim(CLAIM);
  const requests = leases.map(({ jobId, index, token }) => ({
    ...{ job: jobId, index, token, posts: 1 },
    outcome: { status: 'failed', failure: { code: 'source_status', message: 'gone' } },
  }));
  let job: unknown;
  const answers = await twice('settle', [sentSettles(requests), '[]', 1e9, 1e4, 0], async () => {
    job = await step('get', 'a job');
    await store.retry('a job');
  });
  expect(answers).toEqual([[3, 'settled', job]]);
});

it('a claim that is not the one before finds nothing in a pause', async () => {
  await step('claim', ...CLAIM_ARGS);
  await store.pause('queue');
  expect(await step('claim', ...CLAIM_ARGS.with(5, 2))).toEqual([[], -1, [], [], []]);
});

it.each(['', 'a key'])('a create with the idempotency key "%s" is answered as created', async (key) => {
  const args = ['another', HOST, 1, '', key, 'print', 60_000, -1, 1e4, 0, 'https://a.example/1'];
  const [status] = (await twice('create', args)) as [string];
  expect(status).toBe('created');
});

it('a create whose reply was lost is told as created', async () => {
  const proxy = await startRedisProxy(server.url);
  const cut = new RedisStore({
    url: proxy.url,
    namespace: NAMESPACE,
    timeoutMs: 5_000,
    logger: silentLogger,
  });
  await cut.ready();
  proxy.swallow('replies');
  const created = cut.create(jobOf('another', 1));
  await expect.poll(() => store.get('another')).toBeDefined();
  proxy.heal();
  proxy.cut();
  expect((await created).status).toBe('created');
  await cut.close();
  await proxy.close();
});

it('a cancel is answered that it finished the job', async () => {
  expect(await twice('cancel', ['a job', 'request', 1e9, 1e4])).toMatchObject([expect.anything(), 1]);
});

it('a retry runs what failed again once, also when it failed once more meanwhile', async () => {
  await failAll();
  await twice('retry', ['a job', 'request', '', 0, 0, 1e4, -1]);
  await failAll();
  await step('retry', 'a job', 'request', '', 0, 0, 1e4, -1);
  expect(await store.get('a job')).toMatchObject({ status: 'complete', waiting: 0, failed: 3 });
});

it.each([
  ['job', 'a job', { jobId: 'a job' }],
  ['host', HOST, { host: HOST }],
  ['queue', '', 'queue' as const],
])(
  'a pause of the %s leaves alone what was resumed since, and answers as before',
  async (kind, name, what) => {
    const pause = async (request: string, paused: '1' | ''): Promise<number> =>
      ((await twice('pause', [kind, name, paused, request, 1e4])) as [number])[0];
    expect(await pause('request', '1')).toBe(1);
    expect((await store.resume(what))?.changed).toBe(true);
    expect(await step('pause', kind, name, '1', 'request', 1e4)).toMatchObject({ 0: 1 });
    expect((await store.get('a job'))?.pausedBy).toEqual([]);
    expect(await pause('another', '')).toBe(0);
  },
);

it('a charge is taken from the budget once', async () => {
  await store.budget.observe({
    scope: SCOPE,
    buckets: [{ bucket: 'bucket', remaining: 9, resetInMs: 60_000 }],
  });
  const [lease] = (await store.queue.claim({ ...CLAIM, limit: 1, budget: SCOPE })).leases;
  expect(await twice('charge', ['a job', 0, lease?.token ?? 0, 'request'])).toBe(1);
  expect((await store.budget.read(SCOPE)).buckets[0]?.inFlight).toBe(2);
});

it('a command is left once', async () => {
  await store.fleet.beat(aWorker({ id: 'worker' }), 5_000);
  expect(await twice('command', ['{"type":"drain"}', 'request', 'worker'])).toBe(1);
});

it('a part of a choice is noted once, and what was chosen is counted once', async () => {
  await failAll();
  const part = (start: number, chosen: readonly number[], rest: readonly number[]) => {
    const next = start + chosen.length + rest.length;
    return twice('choose', ['a job', 'choice', start, 0, next, chosen.length, ...chosen, ...rest]);
  };
  expect(await part(0, [], [0])).toBe(1);
  expect(await part(1, [1], [])).toBe(1);
  expect(await part(2, [], [2])).toBe(1);
  await twice('retry', ['a job', 'request', 'choice', 0, 3, 1e4, -1]);
  expect(await store.get('a job')).toMatchObject({ waiting: 1, failed: 2 });
  expect((await store.queue.claim(CLAIM)).leases.map(({ index }) => index)).toEqual([1]);
});

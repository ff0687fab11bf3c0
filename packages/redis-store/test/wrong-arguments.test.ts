import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, it } from 'vitest';

import type { Lease, Logger } from '@imgferry/core';
import { type RedisServer, startRedisServer } from '../../../tests/setup/redis-server.ts';
import { RedisStore } from '../src/index.ts';
import { type StepName, stepText } from '../src/step-text.ts';
import { NamespaceCopy } from './namespace-copy.ts';
import { type SentSettle, sentSettles } from './sent-settles.ts';

// The store refuses what can not be recorded before it sends it. Should anything come through all the same, a step must
// not be taken by half: Redis takes nothing back.
const NAMESPACE = 'wrong';
const PREFIX = `{${NAMESPACE}}:`;
const HOST = 'host';
const SCOPE = ['bucket'];

let server: RedisServer;
let redis: Redis;
let store: RedisStore;
let warnings: string[];
let leases: readonly Lease[];

beforeEach(async () => {
  server = await startRedisServer();
  redis = new Redis(server.url);
  warnings = [];
  const warn = ((_facts: object, message: string) => void warnings.push(message)) as Logger['warn'];
  const none = () => {};
  const logger = { debug: none, info: none, warn, error: none } as Logger;
  store = new RedisStore({ url: server.url, namespace: NAMESPACE, logger });
  const urls = ['https://a.example/0', 'https://a.example/1', 'https://a.example/2'];
  await store.create({ id: 'a job', urls, host: HOST, options: {} });
  await store.budget.observe({ scope: SCOPE, buckets: [reading({})] });
  const claim = { host: HOST, limit: 2, leaseMs: 60_000, workerId: 'worker', budget: SCOPE };
  leases = (await store.queue.claim(claim)).leases;
});

afterEach(async () => {
  await store.close();
  redis.disconnect();
  await server.close();
});

function reading(facts: object) {
  return { bucket: 'bucket', remaining: 9, resetInMs: 60_000, ...facts };
}

/** The second of two is wrong, so that the first would be recorded if nobody looked before. */
function ofEach(good: object, wrong: object): readonly SentSettle[] {
  return leases.map(({ jobId, index, token }, at) => ({
    ...{ job: jobId, index, token, posts: 1, ...good },
    ...(at === 1 ? wrong : {}),
  }));
}

const complete = { status: 'complete', link: 'https://links.example/a', bytes: 1, type: 'image/png' };
const settleOf = (wrong: object): (string | number)[] => [
  sentSettles(ofEach({ outcome: complete }, wrong)),
  '[]',
  ...[1e9, 1e4, 0],
];
const outcomeOf = (wrong: object) => () => settleOf({ outcome: { ...complete, ...wrong } });
const releaseOf = (wrong: object) => () => [
  JSON.stringify(ofEach({ delayMs: 0, countAttempt: true }, wrong)),
  '[]',
  1e4,
];
const observeOf = (wrong: object) => () => [
  JSON.stringify([{ scope: SCOPE, buckets: [{ ...reading({ remaining: 3 }) }, reading(wrong)] }]),
  1e4,
];

it.each<[StepName, string, () => (string | number)[]]>([
  ['settle', 'POSTs that are no number', () => settleOf({ posts: null })],
  ['settle', 'an outcome without a link', outcomeOf({ link: undefined })],
  ['settle', 'a link that is no text', outcomeOf({ link: null })],
  ['settle', 'a size that is no number', outcomeOf({ bytes: null })],
  ['settle', 'a width that is no number', outcomeOf({ width: '7' })],
  ['settle', 'a type that is no text', outcomeOf({ type: 7 })],
  ['settle', 'a deletehash that is no text', outcomeOf({ deleteHash: 7 })],
  ['settle', 'a digest that is no text', outcomeOf({ remember: { digest: 7, ttlMs: 1 } })],
  ['settle', 'an image to remember for no time', outcomeOf({ remember: { digest: 'x', ttlMs: 0 } })],
  ['settle', 'an image to remember for ever', outcomeOf({ remember: { digest: 'x', ttlMs: 1e300 } })],
  ['settle', 'a memory without a time', outcomeOf({ remember: { digest: 'x', ttlMs: null } })],
  ['settle', 'no failure', outcomeOf({ status: 'failed' })],
  ['settle', 'a failure without a message', outcomeOf({ status: 'failed', failure: { code: 'x' } })],
  ['settle', 'no outcome', () => settleOf({ outcome: undefined })],
  ['release', 'POSTs that are no number', releaseOf({ posts: null })],
  ['release', 'a delay that is no number', releaseOf({ delayMs: null })],
  ['release', 'a failure without a code', releaseOf({ failure: { message: 'x' } })],
  ['observe', 'a remainder that is no number', observeOf({ remaining: null })],
  ['observe', 'a reset that is no number', observeOf({ resetInMs: null })],
  ['observe', 'a limit that is no number', observeOf({ limit: null })],
  ['observe', 'a reason that is no text', observeOf({ reason: 7 })],
  ['extend', 'a time that is no number', () => ['NaN', ...leases.flatMap(placeOf)]],
  ['claim', 'a limit that is no number', () => [HOST, 'NaN', 60_000, '[]', 'slot', 1, 1e9, 1e4]],
  ['claim', 'an endless lease', () => [HOST, 1, 'Infinity', '[]', 'slot', 1, 1e9, 1e4]],
  ['create', 'a key that is kept for ever', () => creation('Infinity')],
  ['retry', 'a bound that is no number', () => ['a job', 'request', '', 0, 0, 1e4, 'NaN']],
])('%s with %s raises before its first write', async (name, _what, args) => {
  const all = new NamespaceCopy(redis, PREFIX);
  const before = await all.digest();
  await expect(redis.eval(stepText(name), 1, PREFIX, ...args())).rejects.toThrow();
  expect(await all.digest()).toEqual(before);
});

function placeOf({ jobId, index, token }: Lease): (string | number)[] {
  return [jobId, index, token];
}

function creation(ttlMs: string): (string | number)[] {
  return ['another', HOST, 1, '', 'key', 'print', ttlMs, -1, 1e4, 0, 'https://a.example/1'];
}

it('a reading with a number that is none costs no outcome in a step either', async () => {
  const wrong = JSON.stringify([{ scope: SCOPE, buckets: [reading({ remaining: null })] }]);
  const args = [sentSettles(ofEach({ outcome: complete }, {})), wrong, 1e9, 1e4, 0];
  expect(await redis.eval(stepText('settle'), 1, PREFIX, ...args)).toEqual([]);
  expect((await store.budget.read(SCOPE)).buckets).toMatchObject([{ remaining: 7, inFlight: 0 }]);
});

it('a reading that is dropped is said to the logger', async () => {
  const wrong = { scope: SCOPE, buckets: [reading({ remaining: Number.NaN })] };
  await store.settle([], [wrong]);
  await store.queue.release([], [wrong]);
  await store.budget.observe(wrong);
  expect(warnings).toEqual(
    Array.from({ length: 3 }, () => "a reading of the host's limits can not be recorded and is dropped"),
  );
});

import { isDeepStrictEqual } from 'node:util';

import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { type RedisServer, startRedisServer } from '../../../tests/setup/redis-server.ts';
import { checkInvariants } from '../src/index.ts';
import { luaSteps } from '../src/lua-sources.ts';
import { type StepName, stepText } from '../src/step-text.ts';
import { MovedClock, moveClockByHand } from './moved-clock.ts';
import { NamespaceCopy, type NamespaceDigest } from './namespace-copy.ts';
import { type Call, fillRichly } from './rich-namespace.ts';

moveClockByHand();

const NAMESPACE = 'rich';
const PREFIX = `{${NAMESPACE}}:`;

const KINDS = [
  ...[
    'meta',
    'totals',
    'minutes',
    'jobs',
    'live',
    'pending',
    'in-progress',
    'failing',
    'paused-jobs',
    'expiry',
    'leases',
    'links',
    'events',
    'pauses',
    'paused',
  ],
  ...[
    'delaying',
    'expired',
    'hosts',
    'staging',
    'staged',
    'workers',
    'trash',
    'round',
    'delayed',
    'deadlines',
    'claims',
    'bucket',
    'buckets',
  ],
  ...[
    'idem',
    'image',
    'worker',
    'commands',
    'command',
    'steered',
    'job',
    'job:info',
    'job:u',
    'job:r',
    'job:held',
    'job:delayed',
  ],
  ...[
    'job:expired',
    'job:failed',
    'job:again',
    'job:cut',
    'job:hashes',
    'job:chosen',
    'job:picked',
    'job:rest',
  ],
  'job:choice',
  ...['outcomes', 'durations', 'failures'],
];

let server: RedisServer;
let redis: Redis;
let clock: MovedClock;
let copy: NamespaceCopy;
let calls: readonly Call[];
let suffixes: readonly string[];
const types = new Map<string, string>();
const digests = new Map<StepName, string>();
/** The digest of the namespace with one key broken, which is the same before every step. */
const whenBroken = new Map<string, string>();

beforeAll(async () => {
  server = await startRedisServer('--rdbcompression', 'no');
  redis = new Redis(server.url, { enableAutoPipelining: false });
  clock = await new MovedClock(server.url, NAMESPACE).begin();
  calls = await fillRichly(redis, server.url, NAMESPACE, clock);
  for (const { step } of calls) digests.set(step, (await redis.script('LOAD', stepText(step))) as string);
  copy = new NamespaceCopy(redis, PREFIX);
  await copy.take();
  const names = await redis.keys(`${PREFIX}*`);
  for (const name of names) types.set(name, await redis.type(name));
  suffixes = names.map((name) => name.slice(PREFIX.length)).filter((suffix) => suffix !== 'clock');
}, 30_000);

afterAll(async () => {
  clock.close();
  redis.disconnect();
  await server.close();
});

function kindOf(suffix: string): string {
  const [first, , part] = suffix.split(':');
  if (first !== 'j') return first ?? '';
  return part === undefined ? 'job' : `job:${part}`;
}

async function violations(): Promise<readonly string[]> {
  return (await checkInvariants({ client: redis, namespace: NAMESPACE })).violations;
}

it('the namespace that keys are broken in holds every kind of key, is well, and every step is called', async () => {
  expect(await violations()).toEqual([]);
  const kinds = new Set(suffixes.map(kindOf));
  expect(KINDS.filter((kind) => !kinds.has(kind))).toEqual([]);
  const called = new Set<StepName>(calls.map(({ step }) => step));
  expect(Object.keys(luaSteps).filter((step) => !called.has(step as StepName))).toEqual([]);
});

it('a step that meets a broken key names it and changes nothing, or does its work without it', async () => {
  const faults: string[] = [];
  for (const call of calls) {
    const usual = await take(call);
    await copy.restore();
    for (const suffix of suffixes) {
      const fault = await tryBroken(call, suffix, usual);
      if (fault !== '') faults.push(`${call.name}, when ${suffix} is broken, ${fault}`);
    }
  }
  expect(faults).toEqual([]);
}, 60_000);

interface Taken {
  readonly answer?: unknown;
  readonly error?: string;
  /** Nothing of a step that only reads: Redis itself lets none write that says so. */
  readonly after: NamespaceDigest | undefined;
}

async function take({ step, args }: Call): Promise<Taken> {
  const onlyReads = luaSteps[step].shebang.includes('no-writes');
  const [outcome, after] = await Promise.all([
    redis.evalsha(digests.get(step) ?? '', 1, PREFIX, ...args).then(
      (answer) => ({ answer }),
      (error: Error) => ({ error: error.message }),
    ),
    onlyReads ? undefined : copy.digest(),
  ]);
  return { ...outcome, after };
}

async function tryBroken(call: Call, suffix: string, usual: Taken): Promise<string> {
  const key = PREFIX + suffix;
  await breakKey(key);
  const before = whenBroken.get(suffix) ?? (await copy.digest()).whole;
  whenBroken.set(suffix, before);
  const taken = await take(call);
  const hasChanged = taken.after !== undefined && taken.after.whole !== before;
  const fault = taken.error === undefined ? await answered() : raised(taken.error);
  if (hasChanged) await copy.restore();
  else await copy.restoreOne(suffix);
  return fault;

  function raised(message: string): string {
    if (hasChanged) return `has changed something and raised ${message}`;
    return message.includes(`${key} `) ? '' : `raised ${message}`;
  }

  async function answered(): Promise<string> {
    const isTold =
      isDeepStrictEqual(taken.answer, usual.answer) || JSON.stringify(taken.answer).includes(key);
    if (!isTold && !(await violations()).some((violation) => violation.includes(key)))
      return `answered ${JSON.stringify(taken.answer)} where it usually answers ${JSON.stringify(usual.answer)}`;
    if (!hasChanged) return '';
    // Unless the step has removed what was there.
    if ((await redis.type(key)) === brokenType(key)) await copy.restoreOne(suffix);
    if ((await copy.digest()).timeless === usual.after?.timeless) return '';
    // A bucket can not know of what ended while it was broken, and a check says so.
    const unheard = `${suffix.replace(/^bucket:/, 'bucket ')} has `;
    const left = (await violations()).filter((violation) => !violation.startsWith(unheard));
    return left.length === 0 ? '' : `has left after its repair: ${left.join('; ')}`;
  }
}

async function breakKey(key: string): Promise<void> {
  const isList = brokenType(key) === 'list';
  await Promise.all([redis.del(key), isList ? redis.rpush(key, 'broken') : redis.set(key, 'broken')]);
}

function brokenType(key: string): 'list' | 'string' {
  return types.get(key) === 'string' ? 'list' : 'string';
}

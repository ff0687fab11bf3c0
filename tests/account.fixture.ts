// A worker of an account as a process of its own, whose tokens are kept in Redis for all of them. What it works with comes
// as JSON in its first argument; it tells what it does in lines of JSON, and drains when it gets a SIGTERM.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { Redis } from 'ioredis';

import { silentLogger, Uploader, type UploaderEventName } from '@imgferry/core';
import { createHttpSource } from '@imgferry/core/http-source';
import { createImgurHost, type ImgurTokenStore, type ImgurTokens } from '@imgferry/core/imgur-host';
import { RedisStore } from '@imgferry/redis-store';
import { moveClockByHand } from '../packages/redis-store/test/moved-clock.ts';

interface AccountFacts {
  readonly url: string;
  readonly namespace: string;
  readonly apiUrl: string;
  /** Renews the tokens under a lock. */
  readonly lock: boolean;
  /** How long it takes to keep new tokens. */
  readonly saveTakesMs?: number;
  /** Dies with new tokens in its hands. */
  readonly diesInSave?: boolean;
}

/** A lock ends by itself, so that a holder that died stops nobody. */
const lockMs = 2_000;

const facts = JSON.parse(process.argv[2] ?? '{}') as AccountFacts;
const { url, namespace, apiUrl } = facts;
const [tokensKey, lockKey] = [`${namespace}:tokens`, `${namespace}:lock`];
moveClockByHand();

const redis = new Redis(url);
// No rule here is about steps that take long, and on a busy machine they do.
const store = new RedisStore({ url, namespace, timeoutMs: 10_000, logger: silentLogger });
const source = createHttpSource({ allow: ['127.0.0.1'] });
const tokens: ImgurTokenStore = { load, save, ...(facts.lock ? { lock } : {}) };
const host = createImgurHost({ clientId: 'any', clientSecret: 'app-hush', credentials: tokens, apiUrl });
const timing = { leaseMs: 60_000, pollMs: 50, attemptDelayMs: 1, retryDelayMs: 1 };
const uploader = new Uploader({ store, source, host, concurrency: 4, logger: silentLogger, ...timing });
tellAll('upload:completed', 'upload:retried', 'upload:failed', 'host:paused', 'host:resumed');
uploader.on('error', ({ error, during }) => tell('error', { error: String(error), during }));

const stopAsked = once(process, 'SIGTERM');
await store.ready();
uploader.start();
tell('ready');
await stopAsked;
await uploader.stop({ timeoutMs: 3_000 });
await Promise.all([store.close(), source.close(), host.close()]);
redis.disconnect();

async function load(): Promise<ImgurTokens> {
  return JSON.parse((await redis.get(tokensKey)) ?? '{}') as ImgurTokens;
}

async function save(renewed: ImgurTokens): Promise<void> {
  if (facts.diesInSave) process.kill(process.pid, 'SIGKILL');
  await sleep(facts.saveTakesMs ?? 0);
  await redis.set(tokensKey, JSON.stringify(renewed));
}

async function lock(step: () => Promise<void>): Promise<void> {
  const mine = randomUUID();
  while ((await redis.set(lockKey, mine, 'PX', lockMs, 'NX')) === null) await sleep(10);
  try {
    await step();
  } finally {
    if ((await redis.get(lockKey)) === mine) await redis.del(lockKey);
  }
}

/** Written at once, so that it is out whatever happens next. */
function tell(told: string, more: object = {}): void {
  writeSync(1, `${JSON.stringify({ told, ...more })}\n`);
}

function tellAll(...names: readonly UploaderEventName[]): void {
  for (const name of names) uploader.on(name, (event) => tell(name, event));
}

// A worker as a process of its own: what it works on and with comes as JSON in its first argument. It tells what it does
// in lines of JSON, and drains when it gets a SIGTERM. On its standard input `block <file>` keeps its event loop busy
// until there is such a file.
import { once } from 'node:events';
import { existsSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';

import { StoreUnavailableError, silentLogger, Uploader, type UploaderEventName } from '@imgferry/core';
import { createHttpSource } from '@imgferry/core/http-source';
import { createImgurHost } from '@imgferry/core/imgur-host';
import { RedisStore } from '@imgferry/redis-store';

interface WorkerFacts {
  readonly url: string;
  readonly namespace: string;
  readonly apiUrl: string;
  readonly concurrency?: number;
  readonly leaseMs?: number;
  readonly heartbeatMs?: number;
  /** For how long it waits for an answer of Redis. */
  readonly timeoutMs?: number;
  /** By how much its clock is wrong; the other way round from its third upload on. */
  readonly clockWrongMs?: number;
  /** Tells of each heartbeat when it began, and how many leases it was told to be lost. */
  readonly tellsHeartbeats?: boolean;
  /** Dies when it begins with this upload. */
  readonly diesOf?: string;
}

const facts = JSON.parse(process.argv[2] ?? '{}') as WorkerFacts;
const {
  url,
  namespace,
  apiUrl,
  concurrency = 4,
  leaseMs = 1_500,
  heartbeatMs = 300,
  timeoutMs = 1_500,
} = facts;
const clock = { wrongMs: facts.clockWrongMs ?? 0 };
if (clock.wrongMs !== 0) goWrong();

const store = new RedisStore({ url, namespace, timeoutMs, logger: silentLogger });
if (facts.tellsHeartbeats === true) {
  const extend = store.queue.extend.bind(store.queue);
  store.queue.extend = async (...args) => {
    const began = performance.timeOrigin + performance.now();
    const lost = await extend(...args);
    tell('heartbeat', { began, lost: lost.length });
    return lost;
  };
}
const source = createHttpSource({ allow: ['127.0.0.1'] });
const host = createImgurHost({ clientId: 'any', apiUrl });
const timing = { leaseMs, heartbeatMs, pollMs: 200, attemptDelayMs: 1, retryDelayMs: 1 };
const uploader = new Uploader({ store, source, host, concurrency, logger: silentLogger, ...timing });

tellAll('upload:started', 'upload:completed', 'upload:failed', 'upload:lost', 'host:paused', 'host:resumed');
uploader.on('error', ({ error, during }) => tell('error', { code: codeOf(error), during }));
uploader.on('upload:started', (upload) => {
  if (upload.url === facts.diesOf) process.kill(process.pid, 'SIGKILL');
});
let begun = 0;
uploader.on('upload:started', () => {
  begun += 1;
  if (begun === 3) clock.wrongMs = -clock.wrongMs;
});

const orders = createInterface({ input: process.stdin });
orders.on('line', (line) => {
  const file = line.replace(/^block /, '');
  tell('blocked');
  while (!existsSync(file));
});
orders.on('close', () => process.exit());

const stopAsked = once(process, 'SIGTERM');
// A machine that is busy may answer the first time too late. That is no rule here.
while (!(await store.ready().then(() => true, isAway)));
uploader.start();
tell('ready');
await stopAsked;
await uploader.stop({ timeoutMs: 3_000 });
await Promise.all([store.close(), source.close(), host.close()]);
orders.removeAllListeners('close').close();

/** Written at once, so that it is out whatever happens next. */
function tell(told: string, more: object = {}): void {
  writeSync(1, `${JSON.stringify({ told, at: performance.timeOrigin + performance.now(), ...more })}\n`);
}

function tellAll(...names: readonly UploaderEventName[]): void {
  for (const name of names) uploader.on(name, (event) => tell(name, event));
}

function isAway(error: unknown): false {
  if (error instanceof StoreUnavailableError) return false;
  throw error;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : String(error);
}

/** Every look at the time of day is wrong. What counts on from the start of the process stays right. */
function goWrong(): void {
  const RightDate = Date;
  const wrongNow = (): number => RightDate.now() + clock.wrongMs;
  globalThis.Date = class extends RightDate {
    constructor(...given: readonly number[]) {
      super(...((given.length === 0 ? [wrongNow()] : given) as [number]));
    }

    static override now(): number {
      return wrongNow();
    }
  } as DateConstructor;
}

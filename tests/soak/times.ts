// `npm run soak:times`: how long it takes, with the default lease and deadline, until the uploads of a worker that was
// killed run elsewhere, and until a worker that is told to stop has ended. Ends with 1 when a promise is not kept.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { silentLogger } from '@imgferry/core';
import {
  type ImgurStandIn,
  type PictureServer,
  sampleImage,
  startImgurStandIn,
  startPictureServer,
} from '@imgferry/core/testing';
import { RedisStore } from '@imgferry/redis-store';
import { KEEPS_ALL, type RedisServer, startRedisServer } from '../setup/redis-server.ts';
import { ServiceProcess } from './service-process.ts';

/** As many as read from one host at once. */
const slots = 6;
const drainTimeoutMs = 8_000;
const promised = { recoveryMs: 20_000, drainMs: drainTimeoutMs + 2_000 };
const folder = mkdtempSync(join(tmpdir(), 'imgferry-times-'));
const processes: ServiceProcess[] = [];
process.on('exit', () => {
  for (const each of processes) if (each.isRunning) void each.kill();
  rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

/** A job of as many uploads as a worker has slots, all of which it is fetching. */
interface Scene {
  readonly worker: ServiceProcess;
  readonly store: RedisStore;
  readonly jobId: string;
  readonly paths: readonly string[];
  /** Lets the pictures arrive. */
  readonly open: () => void;
  readonly addWorker: () => Promise<ServiceProcess>;
}

const redis = await startRedisServer(...KEEPS_ALL);
const host = await startImgurStandIn({ limits: { client: false, user: false, post: false } });
const pictures = await startPictureServer({});
try {
  const [recoveries, short, long] = await Promise.all([
    Promise.all([0, 2_500, 5_200].map((afterMs) => recovery({ redis, host, pictures }, afterMs))),
    drain({ redis, host, pictures }, 1_000),
    drain({ redis, host, pictures }, Number.POSITIVE_INFINITY),
  ]);
  const [first, last] = [
    recoveries.map((times) => Math.min(...times)),
    recoveries.map((times) => Math.max(...times)),
  ];
  console.log(
    `from SIGKILL until an upload of the dead worker runs elsewhere, lease 15 s, ${slots} uploads each:`,
  );
  console.log(`  the first after ${seconds(first)}, the last after ${seconds(last)}`);
  console.log(`from SIGTERM until a worker has ended with 0, deadline ${drainTimeoutMs / 1_000} s:`);
  console.log(`  transfers of about 1 s: ${seconds([short])}; transfers without an end: ${seconds([long])}`);
  assert.ok(Math.max(...last) <= promised.recoveryMs, 'uploads run elsewhere within 20 s');
} finally {
  await Promise.all(processes.filter(({ isRunning }) => isRunning).map((each) => each.kill()));
  await Promise.all([pictures.close(), host.close(), redis.close()]);
}

interface Parts {
  readonly redis: RedisServer;
  readonly host: ImgurStandIn;
  readonly pictures: PictureServer;
}

/**
 * How long after its death each upload of a worker is fetched by another, in milliseconds. When it dies decides how old
 * its last sign of life is, which it gives every five seconds.
 */
async function recovery(parts: Parts, afterMs: number): Promise<number[]> {
  const { worker, store, paths, addWorker } = await scene(parts);
  await addWorker();
  await sleep(afterMs);
  await worker.kill();
  const killedAt = performance.now();
  const times = paths.map(async (path) => {
    await parts.pictures.waitUntil((server) => server.requests(path) === 2);
    return performance.now() - killedAt;
  });
  const answer = await Promise.all(times);
  await store.close();
  return answer;
}

/** How long a worker takes to end, when its transfers take so long. Burns no attempt. */
async function drain(parts: Parts, transferMs: number): Promise<number> {
  const { worker, store, jobId, open } = await scene(parts);
  const toldAt = performance.now();
  const ending = worker.drain(60_000);
  if (transferMs < drainTimeoutMs) void sleep(transferMs).then(open);
  assert.deepEqual(await ending, { code: 0, signal: null });
  const tookMs = performance.now() - toldAt;
  const { items } = (await store.uploads(jobId)) ?? { items: [] };
  const expected = transferMs < drainTimeoutMs ? ['complete', 1, false] : ['waiting', 0, false];
  for (const { status, attempts, possiblyDuplicated } of items)
    assert.deepEqual([status, attempts, possiblyDuplicated], expected);
  assert.equal(items.length, slots);
  assert.ok(tookMs <= promised.drainMs, `it ended after ${tookMs} ms`);
  await store.close();
  return tookMs;
}

async function scene({ redis, host, pictures }: Parts): Promise<Scene> {
  const namespace = randomUUID();
  const gate = Promise.withResolvers<void>();
  const picture = sampleImage('image/png', { bytes: 2_000 });
  const paths = Array.from({ length: slots }, (_, at) => `/${namespace}/${at}.png`);
  for (const path of paths)
    pictures.set(path, (_, response) => void gate.promise.then(() => response.end(picture)));
  pictures.set(`/${namespace}/first.png`, picture);
  const env = {
    REDIS_URL: redis.url,
    NAMESPACE: namespace,
    IMGUR_STAND_IN_URL: host.url,
    SOURCE_ALLOW: '127.0.0.1',
    // Longer than anything here: pictures that do not come are no fault of their source.
    SOURCE_TIMEOUT_MS: '120000',
    DRAIN_TIMEOUT_MS: String(drainTimeoutMs),
    CONCURRENCY: String(slots),
  };
  const addWorker = async (): Promise<ServiceProcess> => {
    const worker = new ServiceProcess('worker', `${namespace}-${processes.length}`, env, folder);
    processes.push(worker);
    await worker.ready();
    return worker;
  };
  const store = new RedisStore({ url: redis.url, namespace, logger: silentLogger });
  const worker = await addWorker();
  // What the host's limits are is known with the first reply; until then one upload goes at a time.
  await ferryFirst(store, pictures.urlOf(`/${namespace}/first.png`));
  const jobId = await submit(
    store,
    paths.map((path) => pictures.urlOf(path)),
  );
  await pictures.waitUntil((server) => paths.every((path) => server.requests(path) === 1));
  return { worker, store, jobId, paths, open: () => gate.resolve(), addWorker };
}

async function ferryFirst(store: RedisStore, url: string): Promise<void> {
  const jobId = await submit(store, [url]);
  while ((await store.get(jobId))?.status !== 'complete') await sleep(20);
}

async function submit(store: RedisStore, urls: readonly string[]): Promise<string> {
  const id = randomUUID();
  await store.create({ id, urls, host: 'imgur', options: {} });
  return id;
}

function seconds(times: readonly number[]): string {
  return times.map((ms) => `${(ms / 1_000).toFixed(1)} s`).join(', ');
}

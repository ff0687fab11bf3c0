import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { afterEach, describe, expect, inject, it } from 'vitest';

import { silentLogger, Uploader } from '@imgferry/core';
import { createHttpSource } from '@imgferry/core/http-source';
import { createImgurHost } from '@imgferry/core/imgur-host';
import { sampleImage, startImgurStandIn, startPictureServer } from '@imgferry/core/testing';
import { checkInvariants, RedisStore } from '@imgferry/redis-store';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

type StandInOptions = Parameters<typeof startImgurStandIn>[0];

async function setUp(options: StandInOptions = {}) {
  const namespace = `test-${randomUUID()}`;
  const redis = { url: inject('redisUrl'), namespace };
  const picture = sampleImage('image/png', { bytes: 50_000 });
  const pictures = await startPictureServer(
    Object.fromEntries(Array.from({ length: 800 }, (_, index) => [`/${index}.png`, picture])),
  );
  const imgur = await startImgurStandIn(options);
  closers.push(
    () => imgur.close(),
    () => pictures.close(),
  );
  const urlsOf = (count: number): string[] =>
    Array.from({ length: count }, (_, index) => pictures.urlOf(`/${index}.png`));
  return { redis, imgur, urlsOf };
}

/** One member of the fleet, in this process. */
function aMember(redis: { url: string; namespace: string }, apiUrl: string): Uploader {
  const store = new RedisStore({ ...redis, logger: silentLogger });
  const source = createHttpSource({ allow: ['127.0.0.1'] });
  const host = createImgurHost({ clientId: 'any', apiUrl });
  const uploader = new Uploader({ store, source, host, concurrency: 8, logger: silentLogger });
  closers.push(async () => {
    await uploader.stop({ timeoutMs: 0 });
    await Promise.all([store.close(), source.close(), host.close()]);
  });
  return uploader;
}

/** A worker in a process of its own. */
async function aWorker(facts: Readonly<Record<string, string>>): Promise<ChildProcess> {
  const fixture = fileURLToPath(new URL('worker.fixture.ts', import.meta.url));
  const worker = spawn(process.execPath, ['--conditions=@imgferry/source', fixture, JSON.stringify(facts)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  closers.push(async () => {
    if (worker.exitCode !== null || worker.signalCode !== null) return;
    const gone = once(worker, 'exit');
    worker.kill('SIGKILL');
    await gone;
  });
  await once(worker.stdout ?? worker, 'data');
  return worker;
}

describe('a fleet on one Redis', () => {
  it('of five workers with eight slots sends a host that allows 30 more posts about 30, and fails nothing', async () => {
    const { redis, imgur, urlsOf } = await setUp({ limits: { client: false, user: 300, post: false } });
    const members = Array.from({ length: 5 }, () => aMember(redis, imgur.url));
    const paused = Promise.all(
      members.map((member) => new Promise((resolve) => member.once('host:paused', resolve))),
    );
    for (const member of members) member.start();
    const { jobId } = (await members[0]?.submit(urlsOf(60))) ?? expect.fail();
    await paused;
    for (let job = await members[0]?.job(jobId); job?.claimed !== 0; job = await members[0]?.job(jobId)) {
      await sleep(20);
    }
    const { posts } = imgur.requests;
    expect(posts).toBeGreaterThanOrEqual(30);
    expect(posts).toBeLessThanOrEqual(33);
    expect(await members[1]?.job(jobId)).toMatchObject({ complete: 30, failed: 0, waiting: 30 });
    expect((await checkInvariants(redis)).violations).toEqual([]);
  });

  it('goes on when one worker is killed, one is frozen for longer than its lease and one is drained', async () => {
    const { redis, imgur, urlsOf } = await setUp({
      latencyMs: 20,
      limits: { client: false, user: false, post: false },
    });
    const facts = { ...redis, apiUrl: imgur.url };
    const workers = await Promise.all(Array.from({ length: 4 }, () => aWorker(facts)));
    const [killed, frozen, drained] = workers;
    const api = aMember(redis, imgur.url);
    const urls = urlsOf(800);
    const { jobId } = await api.submit(urls);
    await untilComplete(api, jobId, 50);
    frozen?.kill('SIGSTOP');
    killed?.kill('SIGKILL');
    const left = once(drained ?? expect.fail(), 'exit');
    drained?.kill('SIGTERM');
    const job = await api.finished(jobId, { signal: AbortSignal.timeout(25_000) });
    frozen?.kill('SIGCONT');
    expect(job).toMatchObject({ complete: 800, failed: 0 });
    expect(await left).toEqual([0, null]);
    const links = await api.links({ limit: 1_000 });
    expect(new Set(links.items).size).toBe(800);
    expect(await checkInvariants(redis)).toEqual({ jobs: 1, violations: [] });
  });
});

async function untilComplete(api: Uploader, jobId: string, count: number): Promise<void> {
  for (let job = await api.job(jobId); (job?.complete ?? 0) < count; job = await api.job(jobId))
    await sleep(5);
}

import { describe, expect, inject, it, type TestContext } from 'vitest';

import { sampleImage } from '@imgferry/core/testing';
import { eventually, FleetScene } from './fleet-scene.ts';
import { type RedisProxy, startRedisProxy } from './setup/redis-proxy.ts';

// Workers that are alive and can not reach Redis: what is sent is swallowed, and no connection ever ends by itself.

/** How long a worker may need to notice that its connections are dead and to work again. */
const BACK_WITHIN_MS = 5_000;
const inTime = (): { readonly signal: AbortSignal } => ({ signal: AbortSignal.timeout(25_000) });

async function setUp(onTestFinished: TestContext['onTestFinished'], leaseMs: number) {
  const scene = await FleetScene.open(onTestFinished);
  const proxy = await startRedisProxy(inject('redisUrl'));
  scene.later(() => proxy.close());
  const timing = { leaseMs, heartbeatMs: 250, timeoutMs: 400 };
  const worker = await scene.process('worker', { url: proxy.url, concurrency: 3, ...timing });
  return { scene, proxy, worker, api: scene.member() };
}

/** From now on everything that is sent is new, and the connections that there were stay dead. */
function heal(proxy: RedisProxy): () => number {
  proxy.heal();
  const healedAt = performance.now();
  return () => Math.round(performance.now() - healedAt);
}

describe.concurrent('a worker that is cut off from Redis for longer than its lease', () => {
  it('gives up what it runs before somebody else may have it, settles in vain, and goes on by itself', async ({
    annotate,
    onTestFinished,
  }) => {
    const { scene, proxy, worker, api } = await setUp(onTestFinished, 1_000);
    const urls = scene.urls(4);
    const opens = logOpens(scene);
    const [answered, unanswered] = [scene.imgur.hold({ times: 1 }), scene.imgur.hold({ times: 1 })];
    const { jobId } = await api.submit(urls.slice(0, 3));
    await Promise.all([
      answered.waitFor(1),
      unanswered.waitFor(1),
      scene.pictures.waitUntil(() => opens.length === 1),
    ]);

    proxy.swallow();
    answered.release();
    const healthy = scene.member();
    healthy.start();
    const job = await api.finished(jobId, inTime());
    expect(job).toMatchObject({ complete: 3, failed: 0, possiblyDuplicated: 3 });
    expect(opens).toEqual(['opened', 'left', 'opened']);
    expect(scene.imagesOf(0)).toHaveLength(1);
    expect(scene.imgur.requests).toMatchObject({ accepted: 5, deleted: 0 });
    await healthy.stop();

    const { jobId: next } = await api.submit(urls.slice(3));
    const sinceHealed = heal(proxy);
    expect(await api.finished(next, inTime())).toMatchObject({ complete: 1, possiblyDuplicated: 0 });
    await annotate(`it worked again ${sinceHealed()} ms after the network did`);
    expect(sinceHealed()).toBeLessThan(BACK_WITHIN_MS);
    const lost = () => worker.said.filter(({ told }) => told === 'upload:lost').map(({ reason }) => reason);
    await eventually(() => lost().sort(), ['replaced', 'unknown', 'unknown']);
    await scene.imgur.waitUntil(({ deleted }) => deleted === 1, inTime());
    expect(scene.imgur.images[0]?.deleted).toBe(true);
    const links = (await api.links()).items;
    expect(new Set(links).size).toBe(4);
    expect(links).toHaveLength(4);
    expect(scene.imgur.images.filter(({ link, deleted }) => deleted && links.includes(link))).toEqual([]);
    await scene.agrees(2);
  });
});

/** The first picture does not come the first time it is asked for. Answers what happens to those who ask. */
function logOpens(scene: FleetScene): string[] {
  const opens: string[] = [];
  scene.pictures.set('/0.png', [
    (_, response) => {
      opens.push('opened');
      response.once('close', () => opens.push('left'));
    },
    (_, response) => {
      opens.push('opened');
      response.end(sampleImage('image/png', { bytes: 2_000, seed: 0 }));
    },
  ]);
  return opens;
}

describe.concurrent('a worker of which only its half of the connections is left', () => {
  it('claims again within a bounded time', async ({ annotate, onTestFinished }) => {
    const { scene, proxy, api } = await setUp(onTestFinished, 15_000);
    proxy.swallow();
    const { jobId } = await api.submit(scene.urls(3));
    const sinceHealed = heal(proxy);
    expect(await api.finished(jobId, inTime())).toMatchObject({ complete: 3, possiblyDuplicated: 0 });
    await annotate(`it worked again ${sinceHealed()} ms after the network did`);
    expect(sinceHealed()).toBeLessThan(BACK_WITHIN_MS);
    expect(scene.imgur.requests).toMatchObject({ posts: 3 });
    await scene.agrees(1);
  });
});

import { describe, expect, it, type TestContext } from 'vitest';

import { eventually, FleetScene } from '../fleet-scene.ts';
import { inTime } from './worker-race.ts';

// A worker process that is stopped (SIGSTOP) while its job is cancelled, and wakes up. On Redis: a store in memory stops
// with its process. What stands still there is in workers.test.ts.

/** Long enough that no busy machine costs the worker its lease before the cancel does. */
const LEASE = { leaseMs: 15_000, heartbeatMs: 300, concurrency: 1 };

async function aFrozenWorker(onTestFinished: TestContext['onTestFinished']) {
  const scene = await FleetScene.open(onTestFinished);
  const [url = ''] = scene.urls(1);
  const reply = scene.imgur.hold({ times: 1 });
  const worker = await scene.process('worker', LEASE);
  const api = scene.member();
  const { jobId } = await api.submit([url]);
  await reply.waitFor(1);
  worker.signal('SIGSTOP');
  expect(await api.cancel(jobId)).toMatchObject({ status: 'complete', failed: 1, claimed: 0 });
  return { scene, reply, worker, api, jobId };
}

describe.concurrent('a worker process that was frozen while its job was cancelled', () => {
  it('settles nothing when it wakes up with a link, and deletes its image', async ({ onTestFinished }) => {
    const { scene, reply, worker, api, jobId } = await aFrozenWorker(onTestFinished);
    reply.release();
    await scene.imgur.waitUntil(({ inFlight }) => inFlight === 0, inTime());
    worker.signal('SIGCONT');
    expect(await worker.heard('upload:lost')).toMatchObject({ jobId, index: 0, reason: 'cancelled' });
    await scene.imgur.waitUntil(({ deleted }) => deleted === 1, inTime());
    expect((await api.uploads(jobId))?.items).toMatchObject([
      { status: 'failed', failure: { code: 'cancelled' }, link: null },
    ]);
    expect((await api.links()).items).toEqual([]);
    expect(worker.said.map(({ told }) => told)).not.toContain('upload:completed');
    await scene.agrees(1);
  });

  it('ends the transfer that it wakes up in, and what the host may have of it is marked', async ({
    onTestFinished,
  }) => {
    const { scene, worker, api, jobId } = await aFrozenWorker(onTestFinished);
    worker.signal('SIGCONT');
    expect(await worker.heard('upload:lost')).toMatchObject({ jobId, index: 0, reason: 'cancelled' });
    // The reply was never sent: it is the worker that has ended its request.
    await scene.imgur.waitUntil(({ inFlight }) => inFlight === 0, inTime());
    await eventually(async () => (await api.uploads(jobId))?.items[0]?.possiblyDuplicated, true);
    expect((await api.links()).items).toEqual([]);
    await scene.agrees(1);
  });

  it('leaves alone the link that a retry has brought since, and deletes its own image', async ({
    onTestFinished,
  }) => {
    const { scene, reply, worker, api, jobId } = await aFrozenWorker(onTestFinished);
    await api.retry(jobId);
    scene.member().start();
    expect(await api.finished(jobId, inTime())).toMatchObject({ complete: 1, failed: 0 });
    reply.release();
    await scene.imgur.waitUntil(({ inFlight }) => inFlight === 0, inTime());
    worker.signal('SIGCONT');
    await worker.heard('upload:lost');
    await scene.imgur.waitUntil(({ deleted }) => deleted === 1, inTime());
    const [first, second] = scene.imagesOf(0);
    expect([first?.deleted, second?.deleted]).toEqual([true, false]);
    expect((await api.links()).items).toEqual([second?.link]);
    await scene.agrees(1);
  });
});

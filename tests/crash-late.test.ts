import { randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import type { Uploader } from '@imgferry/core';
import { type Hold, sampleImage } from '@imgferry/core/testing';
import { eventually, type FleetProcess, FleetScene } from './fleet-scene.ts';

// Workers that are not dead and are late: they come back when somebody else has what they held.

/** Long enough that no busy machine costs a worker its lease before the test does. */
const LEASE = { leaseMs: 3_000, heartbeatMs: 500 };
const inTime = (): { readonly signal: AbortSignal } => ({ signal: AbortSignal.timeout(20_000) });

/** A worker that has posted an image and waits for the reply of the host, which is held back. */
async function aWorkerThatPosted(scene: FleetScene) {
  const [url = ''] = scene.urls(1);
  const reply = scene.imgur.hold({ times: 1 });
  const worker = await scene.process('worker', { ...LEASE, concurrency: 1 });
  const api = scene.member();
  const { jobId } = await api.submit([url]);
  await reply.waitFor(1);
  return { worker, reply, api, jobId };
}

/** Somebody else finishes the job, which takes the lease that ran out. */
async function takenOver(scene: FleetScene, api: Uploader, jobId: string): Promise<void> {
  scene.member().start();
  expect(await api.finished(jobId, inTime())).toMatchObject({ complete: 1, possiblyDuplicated: 1 });
}

/** The reply of the host is there, and nobody has read it yet. */
async function sent(scene: FleetScene, reply: Hold): Promise<void> {
  reply.release();
  await scene.imgur.waitUntil(({ inFlight }) => inFlight === 0, inTime());
}

async function theOtherLinkCounts(scene: FleetScene, api: Uploader, jobId: string): Promise<void> {
  const [first, second] = scene.imagesOf(0);
  expect((await api.links()).items).toEqual([second?.link]);
  expect((await api.uploads(jobId))?.items).toMatchObject([{ link: second?.link, attempts: 2 }]);
  expect(second?.deleted).toBe(false);
  expect(first?.link).not.toBe(second?.link);
  expect(scene.imagesOf(0)).toHaveLength(2);
  await scene.agrees(1);
}

describe.concurrent('a worker that was frozen for longer than its lease', () => {
  it('settles in vain when it wakes up with a link, and deletes its image', async ({ onTestFinished }) => {
    const scene = await FleetScene.open(onTestFinished);
    const { worker, reply, api, jobId } = await aWorkerThatPosted(scene);
    worker.signal('SIGSTOP');
    await takenOver(scene, api, jobId);
    await sent(scene, reply);
    worker.signal('SIGCONT');
    expect(await worker.heard('upload:lost')).toMatchObject({ jobId, index: 0, reason: 'replaced' });
    await scene.imgur.waitUntil(({ deleted }) => deleted === 1, inTime());
    expect(scene.imagesOf(0)[0]?.deleted).toBe(true);
    await theOtherLinkCounts(scene, api, jobId);
    expect(await api.deleteHashes(jobId)).toMatchObject([{ deleteHash: scene.imagesOf(0)[1]?.deleteHash }]);
    expect(worker.said.map(({ told }) => told)).not.toContain('upload:completed');
  });

  it('gives up the transfer that it wakes up in', async ({ onTestFinished }) => {
    const scene = await FleetScene.open(onTestFinished);
    const { worker, api, jobId } = await aWorkerThatPosted(scene);
    worker.signal('SIGSTOP');
    await takenOver(scene, api, jobId);
    worker.signal('SIGCONT');
    // It is told that it was replaced, or on a busy machine gives up before it is told anything.
    expect(await worker.heard('upload:lost')).toMatchObject({
      ...{ jobId, index: 0 },
      reason: expect.stringMatching(/^(replaced|unknown)$/),
    });
    // The reply was never sent: it is the worker that has ended its request.
    await scene.imgur.waitUntil(({ inFlight }) => inFlight === 0, inTime());
    await theOtherLinkCounts(scene, api, jobId);
    expect(await worker.heard('error', ({ code }) => code === 'loop_lag')).toMatchObject({
      during: 'keeping leases',
    });
  });
});

describe.concurrent('a worker whose event loop was blocked for longer than its lease', () => {
  it('says so, settles in vain and deletes its image', async ({ onTestFinished }) => {
    const scene = await FleetScene.open(onTestFinished);
    const { worker, reply, api, jobId } = await aWorkerThatPosted(scene);
    const unblock = await blocked(scene, worker);
    await takenOver(scene, api, jobId);
    await sent(scene, reply);
    unblock();
    expect(await worker.heard('error', ({ code }) => code === 'loop_lag')).toMatchObject({
      during: 'keeping leases',
    });
    expect(await worker.heard('upload:lost')).toMatchObject({ jobId, index: 0, reason: 'replaced' });
    await scene.imgur.waitUntil(({ deleted }) => deleted === 1, inTime());
    expect(scene.imagesOf(0)[0]?.deleted).toBe(true);
    await theOtherLinkCounts(scene, api, jobId);
  });
});

/** Keeps the event loop of a worker busy. Answers the function that ends it. */
async function blocked(scene: FleetScene, worker: FleetProcess): Promise<() => void> {
  const file = join(tmpdir(), `imgferry-${randomUUID()}`);
  scene.later(async () => rmSync(file, { force: true }));
  worker.say(`block ${file}`);
  await worker.heard('blocked');
  return () => writeFileSync(file, '');
}

describe.concurrent('an upload that kills whoever begins with it', () => {
  it('costs three workers and fails as poison, and those that ran beside it complete', async ({
    onTestFinished,
  }) => {
    const scene = await FleetScene.open(onTestFinished);
    const urls = scene.urls(8);
    const api = scene.member();
    const heard = await scene.hear(api);
    const { jobId } = await api.submit(urls);
    const finished = api.finished(jobId, inTime());
    let deaths = -1;
    for (let done = false; !done; deaths += 1) {
      // Started anew whenever it dies, with slots for all: the same uploads are under way each time.
      const worker = await scene.process('worker', {
        ...{ leaseMs: 1_200, heartbeatMs: 200, concurrency: 8 },
        diesOf: urls[2] ?? '',
      });
      done = await Promise.race([worker.ended.then(() => false), finished.then(() => true)]);
    }
    expect(deaths).toBe(3);
    expect(await finished).toMatchObject({ complete: 7, failed: 1 });
    const uploads = (await api.uploads(jobId))?.items ?? [];
    expect(uploads[2]).toMatchObject({ failure: { code: 'poison' }, attempts: 3, link: null });
    expect(scene.imagesOf(2)).toEqual([]);
    expect((await api.links()).items).toHaveLength(7);
    await scene.agrees(1);
    await eventually(() => heard.at(-1)?.type, 'job:finished');
    const fails = heard.filter(({ type }) => type === 'upload:failed');
    expect(fails).toMatchObject([{ index: 2, failure: { code: 'poison' } }]);
    expect(heard.filter(({ type }) => type === 'upload:completed')).toHaveLength(7);
  });
});

describe.concurrent('a worker whose clock is wrong by ten minutes and jumps', () => {
  it('does as the others do, and costs nobody a lease', async ({ onTestFinished }) => {
    const scene = await FleetScene.open(onTestFinished, { latencyMs: 1_500 });
    // Each transfer takes longer than a lease.
    const facts = { leaseMs: 1_200, heartbeatMs: 300, concurrency: 4 };
    const wrongs = [600_000, -600_000];
    const workers = await Promise.all(
      wrongs.map((clockWrongMs) => scene.process('worker', { ...facts, clockWrongMs })),
    );
    const api = scene.member({ concurrency: 2 });
    api.start();
    const begun = Date.now();
    const { jobId } = await api.submit(scene.urls(16));
    expect(await api.finished(jobId, inTime())).toMatchObject({
      complete: 16,
      possiblyDuplicated: 0,
    });
    for (const worker of workers) {
      const told = worker.said.map((each) => each.told);
      expect(told.filter((each) => each === 'upload:completed').length).toBeGreaterThanOrEqual(3);
      expect(told).not.toContain('upload:lost');
    }
    const uploads = (await api.uploads(jobId))?.items ?? [];
    for (const { attempts, startedAt, finishedAt } of uploads) {
      expect(attempts).toBe(1);
      expect((startedAt ?? 0) - begun).toBeGreaterThan(-1_000);
      expect((finishedAt ?? 0) - Date.now()).toBeLessThan(1_000);
    }
    expect(scene.imgur.requests).toMatchObject({ posts: 16, accepted: 16 });
    await scene.agrees(1);
  });
});

describe.concurrent('a job that another process cancels', () => {
  it('ends its transfers with the next heartbeat and keeps the links that it has', async ({
    onTestFinished,
  }) => {
    const scene = await FleetScene.open(onTestFinished);
    const urls = scene.urls(8);
    const timing = { leaseMs: 15_000, heartbeatMs: 300, tellsHeartbeats: true };
    const worker = await scene.process('worker', { ...timing, concurrency: 3 });
    const api = scene.member();
    const heard = await scene.hear(api);
    // Two get through, two wait for the host, one for its source; the others wait for a slot.
    scene.imgur.next({}, { times: 2 });
    scene.imgur.next({ manner: { type: 'never' } }, { times: 9 });
    const bytes = sampleImage('image/png', { bytes: 2_000, seed: 4 });
    scene.pictures.set('/4.png', { bytes, breaks: { how: 'stall', afterBytes: 0 } });
    const { jobId } = await api.submit(urls);
    await scene.imgur.waitUntil(({ inFlight, posts }) => inFlight + 2 === posts && inFlight >= 2, inTime());
    await eventually(async () => (await api.job(jobId))?.complete, 2);
    await scene.pictures.waitUntil((pictures) => pictures.requests('/4.png') === 1, inTime());
    await scene.imgur.waitUntil(({ inFlight }) => inFlight === 2, inTime());

    const job = await api.cancel(jobId);
    expect(job).toMatchObject({
      status: 'complete',
      cancelled: true,
      complete: 2,
      failed: 6,
      waiting: 0,
      claimed: 0,
    });
    const cancelledAt = performance.timeOrigin + performance.now();
    await scene.imgur.waitUntil(({ inFlight }) => inFlight === 0, inTime());
    await eventually(() => worker.said.filter(({ told }) => told === 'upload:lost').length, 3);
    const heartbeats = worker.said.filter(({ told }) => told === 'heartbeat');
    const losing = heartbeats.findIndex(({ lost }) => lost === 3);
    expect(losing).toBeGreaterThanOrEqual(0);
    expect(heartbeats.slice(0, losing).filter(({ began }) => Number(began) > cancelledAt)).toEqual([]);
    expect(worker.said.filter(({ told }) => told === 'upload:lost')).toMatchObject(
      Array.from({ length: 3 }, () => ({ jobId, reason: 'cancelled' })),
    );

    const uploads = (await api.uploads(jobId))?.items ?? [];
    const failed = uploads.filter(({ status }) => status === 'failed');
    expect(failed.map(({ failure }) => failure?.code)).toEqual(Array.from({ length: 6 }, () => 'cancelled'));
    expect((await api.links()).items).toHaveLength(2);
    await eventually(() => heard.at(-1)?.type, 'job:finished');
    expect(heard.filter(({ type }) => type === 'job:finished')).toHaveLength(1);
    await scene.agrees(1);
  });
});

import { setTimeout as sleep } from 'node:timers/promises';

import { describe, expect, it } from 'vitest';

import type { JobSummary } from '@imgferry/core';
import { imgurReplies, sampleImage } from '@imgferry/core/testing';
import { eventually } from '../fleet-scene.ts';
import { chanceFrom, KINDS, type RaceStores } from './race-stores.ts';
import { inTime, WorkerRace } from './worker-race.ts';

// What races do to workers that are in the middle of a transfer.

const cancelled = { status: 'failed', failure: { code: 'cancelled' } };

describe.concurrent.for(KINDS)('in %s', (kind) => {
  it('a cancel ends the transfers of another member by its next heartbeat, and keeps the links that there are', async ({
    onTestFinished,
  }) => {
    const { scene, stores, api, ...race } = await raceOf(kind, onTestFinished);
    const urls = scene.urls(5);
    const opens: string[] = [];
    scene.pictures.set('/3.png', (_, response) => {
      opens.push('opened');
      response.once('close', () => opens.push('closed'));
    });
    scene.imgur.next({});
    scene.imgur.next(imgurReplies.neverReply());
    scene.imgur.next(imgurReplies.stallReading());
    const worker = race.worker({ concurrency: 1 });
    const { jobId } = await api.submit(urls);
    await eventually(() => worker.of('upload:completed').length, 1);
    worker.uploader.resize(3);
    await scene.imgur.waitUntil(({ inFlight }) => inFlight === 2, inTime());
    await eventually(() => opens, ['opened']);

    expect(await api.cancel(jobId)).toMatchObject({ status: 'complete', complete: 1, failed: 4, claimed: 0 });
    const heartbeats = worker.wire.asked('extend');
    await eventually(() => worker.of('upload:lost').length, 3);
    // It was the first that began after the answer, or one that was under way.
    expect(worker.wire.heartbeatThatLost).toBeLessThanOrEqual(heartbeats);
    await scene.imgur.waitUntil(({ inFlight }) => inFlight === 0, inTime());
    await eventually(() => opens, ['opened', 'closed']);

    expect(reasonsOf(worker)).toEqual(['cancelled', 'cancelled', 'cancelled']);
    // What the host had when its answer was no longer waited for may stay there, and is marked.
    expect(await stores.uploads(jobId)).toMatchObject([
      { status: 'complete', possiblyDuplicated: false },
      { ...cancelled, possiblyDuplicated: true },
      cancelled,
      cancelled,
      { ...cancelled, attempts: 0 },
    ]);
    const [kept] = scene.imagesOf(0);
    expect((await api.links()).items).toEqual([kept?.link]);
    expect(scene.imgur.requests).toMatchObject({ posts: 3, deleted: 0 });
    await stores.agrees();
  });

  it('a worker that stood still while its job was cancelled settles in vain what it has posted, and deletes it', async ({
    onTestFinished,
  }) => {
    const { scene, stores, api, ...race } = await raceOf(kind, onTestFinished);
    const reply = scene.imgur.hold({ times: 1 });
    const worker = race.worker({ concurrency: 1 });
    const { jobId } = await api.submit(scene.urls(1));
    await reply.waitFor(1);
    const thaw = worker.wire.freeze();
    await api.cancel(jobId);
    reply.release();
    await eventually(() => worker.wire.asked('settle'), 1);
    thaw();
    await scene.imgur.waitUntil(({ deleted }) => deleted === 1, inTime());
    await eventually(() => reasonsOf(worker), ['cancelled']);
    expect(await stores.uploads(jobId)).toMatchObject([
      { ...cancelled, link: null, possiblyDuplicated: false },
    ]);
    expect((await api.links()).items).toEqual([]);
    expect(await stores.history()).toMatchObject(
      ['job:created', 'job:started', 'job:finished'].map((type) => ({ type })),
    );
    await stores.agrees();
  });

  it('a worker that stood still while its job was cancelled and retried neither takes nor spoils the new run', async ({
    onTestFinished,
  }) => {
    const { scene, stores, api, ...race } = await raceOf(kind, onTestFinished);
    const reply = scene.imgur.hold({ times: 1 });
    const old = race.worker({ concurrency: 1 });
    const { jobId } = await api.submit(scene.urls(1));
    await reply.waitFor(1);
    const thaw = old.wire.freeze();
    await api.cancel(jobId);
    await api.retry(jobId);
    const newer = race.worker({ concurrency: 1 });
    expect(await api.finished(jobId, inTime())).toMatchObject({ complete: 1, failed: 0 });
    reply.release();
    await eventually(() => old.wire.asked('settle'), 1);
    thaw();
    await scene.imgur.waitUntil(({ deleted }) => deleted === 1, inTime());
    const [first, second] = scene.imagesOf(0);
    expect([first?.deleted, second?.deleted]).toEqual([true, false]);
    expect((await api.links()).items).toEqual([second?.link]);
    expect((await api.deleteHashes(jobId)).map(({ deleteHash }) => deleteHash)).toEqual([second?.deleteHash]);
    expect([old.of('upload:completed').length, newer.of('upload:completed').length]).toEqual([0, 1]);
    await stores.agrees();
  });

  it('a cancel whose answer comes late ends nothing of the run that a retry has begun since', async ({
    onTestFinished,
  }) => {
    const { scene, stores, api, ...race } = await raceOf(kind, onTestFinished);
    const worker = race.worker({ concurrency: 1, heartbeatMs: 5_000 });
    const [before, after] = [scene.imgur.hold({ times: 1 }), scene.imgur.hold({ times: 1 })];
    const { jobId } = await api.submit(scene.urls(2));
    await before.waitFor(1);
    worker.uploader.resize(2);
    await after.waitFor(1);
    const answer = worker.wire.holdAnswers('cancel');
    const cancelling = worker.uploader.cancel(jobId);
    await eventually(async () => (await api.job(jobId))?.cancelled, true);
    await api.retry(jobId);
    const again = scene.imgur.hold({ times: 1 });
    worker.uploader.resize(3);
    await again.waitFor(1);
    answer();
    await cancelling;
    await eventually(() => worker.of('upload:lost').length, 2);
    again.release();
    expect(await api.finished(jobId, inTime())).toMatchObject({ complete: 2 });
    expect(worker.of('upload:lost')).toHaveLength(2);
    expect(scene.imgur.requests.posts).toBe(4);
    await stores.agrees();
  });

  it('a retry right behind the last settle leaves the worker to tell the job complete, as it has left it', async ({
    onTestFinished,
  }) => {
    const { scene, stores, api, ...race } = await raceOf(kind, onTestFinished);
    scene.pictures.set('/gone.png', { status: 404 });
    const worker = race.worker({ concurrency: 1 });
    const answer = worker.wire.holdAnswers('settle');
    const { jobId } = await api.submit([scene.pictures.urlOf('/gone.png')]);
    await eventually(async () => (await api.job(jobId))?.status, 'complete');
    await worker.uploader.pause('queue');
    expect(await api.retry(jobId)).toMatchObject({ status: 'in-progress', waiting: 1 });
    answer();
    await eventually(() => worker.of('job:finished').length, 1);
    expect(await api.job(jobId)).toMatchObject({ status: 'in-progress' });
    expect(worker.of('job:finished')).toMatchObject([{ job: { status: 'complete', failed: 1, waiting: 0 } }]);
    expect(await toldJobs(stores)).toEqual(worker.of('job:finished').map(({ job }) => job));
    await stores.agrees();
  });

  it('a listener of upload:failed that retries the job at once hears it complete, and then run again', async ({
    onTestFinished,
  }) => {
    const { scene, stores, api, ...race } = await raceOf(kind, onTestFinished);
    const bytes = sampleImage('image/png', { bytes: 2_000, seed: 0 });
    scene.pictures.set('/0.png', [{ status: 404 }, { bytes }]);
    const worker = race.worker({ concurrency: 1 });
    const heard: string[] = [];
    worker.uploader.on('upload:failed', ({ jobId }) => {
      heard.push('upload:failed');
      return worker.uploader.retry(jobId).then(() => {});
    });
    worker.uploader.on(
      'job:finished',
      ({ job }) => void heard.push(`job:finished ${job.status} ${job.failed}`),
    );
    worker.uploader.on('job:retried', ({ job }) => void heard.push(`job:retried ${job.status}`));
    const { jobId } = await api.submit([scene.pictures.urlOf('/0.png')]);
    await eventually(() => worker.of('job:finished').length, 2);
    expect(heard).toEqual([
      'upload:failed',
      'job:finished complete 1',
      'job:retried in-progress',
      'job:finished complete 0',
    ]);
    expect(await toldJobs(stores)).toEqual(worker.of('job:finished').map(({ job }) => job));
    expect(await api.job(jobId)).toMatchObject({ status: 'complete', complete: 1 });
    await stores.agrees();
  });

  it('a retry while the job runs begins what has failed once more, and leaves alone what is under way', async ({
    onTestFinished,
  }) => {
    const { scene, stores, api, ...race } = await raceOf(kind, onTestFinished);
    const urls = scene.urls(3);
    const bytes = sampleImage('image/png', { bytes: 2_000, seed: 0 });
    scene.pictures.set('/0.png', [{ status: 404 }, { bytes }]);
    const held = scene.imgur.hold({ times: 2 });
    const worker = race.worker({ concurrency: 3 });
    const { jobId } = await api.submit(urls);
    await held.waitFor(2);
    await eventually(async () => (await api.job(jobId))?.failed, 1);
    expect(await api.retry(jobId)).toMatchObject({ status: 'in-progress', waiting: 1, claimed: 2 });
    await eventually(() => worker.of('upload:completed').map(({ index }) => index), [0]);
    held.release();
    expect(await api.finished(jobId, inTime())).toMatchObject({ complete: 3 });
    await eventually(() => worker.of('job:finished').length, 1);
    expect(
      worker
        .of('upload:started')
        .map(({ index }) => index)
        .sort(),
    ).toEqual([0, 0, 1, 2]);
    expect(worker.of('upload:lost')).toEqual([]);
    expect(scene.imgur.requests).toMatchObject({ posts: 3, accepted: 3 });
    const told = (await stores.history()).map((event) =>
      'index' in event ? `${event.type} ${event.index}` : event.type,
    );
    expect(told.filter((name) => /^(upload:|job:finished)/.test(name)).sort()).toEqual([
      'job:finished',
      ...['upload:completed 0', 'upload:completed 1', 'upload:completed 2', 'upload:failed 0'],
    ]);
    await stores.agrees();
  });

  it('a pause lets what was claimed finish, and no worker begins with anything after its answer', async ({
    onTestFinished,
  }) => {
    const { scene, stores, api, ...race } = await raceOf(kind, onTestFinished);
    const held = scene.imgur.hold({ times: 2 });
    const workers = [race.worker({ concurrency: 1 }), race.worker({ concurrency: 1 })];
    const { jobId } = await api.submit(scene.urls(6));
    await held.waitFor(2);
    await api.pause('queue');
    held.release();
    await eventually(async () => (await api.job(jobId))?.complete, 2);
    const claims = workers.map(({ wire }) => wire.asked('claim'));
    // Each has free slots again, looked twice, and found nothing.
    await eventually(
      () => workers.every(({ wire }, at) => wire.asked('claim') > (claims[at] ?? 0) + 1),
      true,
    );
    expect(await api.job(jobId)).toMatchObject({ complete: 2, waiting: 4, claimed: 0 });
    expect(scene.imgur.requests.posts).toBe(2);
    await api.resume('queue');
    expect(await api.finished(jobId, inTime())).toMatchObject({ complete: 6 });
    expect(scene.imgur.requests.posts).toBe(6);
    await stores.agrees();
  });

  it('whatever a job is told while two workers run it, each image ends with one link, and what is left over is marked', async ({
    onTestFinished,
  }) => {
    const { scene, stores, api, ...race } = await raceOf(kind, onTestFinished);
    const urls = scene.urls(12);
    scene.imgur.always({ delayMs: 3 });
    const workers = [
      race.worker({ concurrency: 3, heartbeatMs: 20 }),
      race.worker({ concurrency: 3, heartbeatMs: 20 }),
    ];
    const chance = chanceFrom(11);
    let finishedByApi = 0;
    api.on('job:finished', () => {
      finishedByApi += 1;
    });
    const reply = scene.imgur.hold({ times: 1 });
    const { jobId } = await api.submit(urls);
    // At least one transfer is cut short, however busy the machine is.
    await reply.waitFor(1);
    await api.cancel(jobId);
    await api.retry(jobId);
    const steer = [
      () => api.cancel(jobId),
      () => api.retry(jobId),
      () => api.retry(jobId, { codes: ['cancelled'] }),
      () => api.pause({ jobId }),
      () => api.resume({ jobId }),
      () => workers[0]?.uploader.cancel(jobId),
    ];
    for (let step = 0; step < 60; step += 1) {
      await Promise.all([steer[Math.floor(chance() * 6)]?.(), steer[Math.floor(chance() * 6)]?.()]);
      await sleep(Math.floor(chance() * 8));
    }
    reply.release();
    await api.resume({ jobId });
    await api.retry(jobId);
    expect(await api.finished(jobId, inTime())).toMatchObject({ complete: 12, failed: 0 });
    for (const { uploader } of workers) await uploader.stop();
    const uploads = await stores.uploads(jobId);
    for (const { index, link, possiblyDuplicated } of uploads) {
      const left = scene.imagesOf(index).filter(({ deleted }) => !deleted);
      expect(left.map((image) => image.link)).toContain(link);
      if (!possiblyDuplicated) expect(left).toHaveLength(1);
    }
    expect(workers.some((worker) => worker.of('upload:lost').length > 0)).toBe(true);
    const { jobsFinished } = (await api.stats()).totals;
    const told = await stores.history();
    const completed = told.flatMap((event) => (event.type === 'upload:completed' ? [event.index] : []));
    expect(completed.sort((a, b) => a - b)).toEqual(urls.map((_, index) => index));
    expect(told.filter(({ type }) => type === 'job:finished')).toHaveLength(jobsFinished);
    // Each run was told as finished by one, which had ended it.
    expect(finishedByApi + workers.flatMap((worker) => worker.of('job:finished')).length).toBe(jobsFinished);
    await stores.agrees();
  });
});

/** The jobs that the store has told as finished. */
async function toldJobs(stores: RaceStores): Promise<readonly JobSummary[]> {
  return (await stores.history()).flatMap((event) => (event.type === 'job:finished' ? [event.job] : []));
}

function reasonsOf({ of }: ReturnType<WorkerRace['worker']>): readonly unknown[] {
  return of('upload:lost').map(({ reason }) => reason);
}

async function raceOf(...given: Parameters<typeof WorkerRace.open>) {
  const race = await WorkerRace.open(...given);
  const { scene, stores, api } = race;
  return { scene, stores, api, worker: race.worker.bind(race) };
}

import { randomUUID } from 'node:crypto';

import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';

import { type PauseTarget, type Stats, silentLogger, Uploader } from '@imgferry/core';
import { createFakeHost, createFakeSource, sampleImage } from '@imgferry/core/testing';
import { RedisStore } from '@imgferry/redis-store';

// Who steers a job and who works on it have a store each, as processes and machines do, and share nothing but Redis.
const there = 'https://pictures.example/there.png';
const gone = 'https://pictures.example/gone.png';
const jobId = 'a job';

let stores: readonly [RedisStore, RedisStore];
let operator: Uploader;
let worker: Uploader;

beforeEach(() => {
  const redis = { url: inject('redisUrl'), namespace: `test-${randomUUID()}`, logger: silentLogger };
  stores = [new RedisStore(redis), new RedisStore(redis)];
  const source = createFakeSource({ [there]: sampleImage('image/png') });
  const parts = { source, host: createFakeHost(), logger: silentLogger };
  operator = new Uploader({ ...parts, store: stores[0] });
  worker = new Uploader({ ...parts, store: stores[1] });
});

afterEach(async () => {
  await worker.stop();
  for (const store of stores) await store.close();
});

const shownIn = ({ queue }: Stats) => ({ paused: queue.paused, pausedHosts: queue.pausedHosts });

describe('a pause by one process', () => {
  it.each<[string, PauseTarget, ReturnType<typeof shownIn>]>([
    ['job', { jobId }, { paused: false, pausedHosts: [] }],
    ['host', { host: 'fake' }, { paused: false, pausedHosts: ['fake'] }],
    ['queue', 'queue', { paused: true, pausedHosts: [] }],
  ])('of the %s has another hand out nothing and say so, until it is resumed', async (by, what, shown) => {
    const elsewhere = stores[1];
    await elsewhere.create({ id: jobId, urls: [there], host: 'fake', options: {} });
    expect(await operator.pause(what)).toBe(true);
    const claim = { host: 'fake', limit: 1, leaseMs: 60_000, workerId: 'any' };
    expect((await elsewhere.queue.claim(claim)).leases).toEqual([]);
    expect(await worker.job(jobId)).toMatchObject({ status: 'pending', paused: true, pausedBy: [by] });
    expect((await worker.uploads(jobId))?.items).toMatchObject([{ status: 'waiting', paused: true }]);
    expect(shownIn(await worker.stats())).toEqual(shown);
    worker.start();
    expect(await operator.resume(what)).toBe(true);
    expect(await operator.finished(jobId)).toMatchObject({ complete: 1, paused: false, pausedBy: [] });
    expect(shownIn(await worker.stats())).toEqual({ paused: false, pausedHosts: [] });
  });
});

describe('a retry by one process', () => {
  it('of some urls has another run those, whose attempts go on', async () => {
    worker.start();
    const { jobId: id } = await operator.submit([gone, `${gone}?other`, there]);
    await operator.finished(id);
    await operator.retry(id, { urls: [gone] });
    await operator.finished(id);
    expect((await operator.uploads(id))?.items.map(({ attempts }) => attempts)).toEqual([2, 1, 1]);
  });
});

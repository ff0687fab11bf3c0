import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { describe, expect, it } from 'vitest';

import { type Store, silentLogger, Uploader } from '@imgferry/core';
import { createFakeHost, createFakeSource, sampleImage } from '@imgferry/core/testing';
import { createFetchHandler, toNodeHandler } from '@imgferry/http-adapter';
import { RedisStore } from '@imgferry/redis-store';
import { settle } from '../packages/http-adapter/test/a-run.ts';
import { clientOf, type EventClient, typesOf } from '../packages/http-adapter/test/event-client.ts';
import { FleetScene } from './fleet-scene.ts';
import { KEEPS_ALL, startRedisServer } from './setup/redis-server.ts';

type OnFinished = (close: () => Promise<void>) => void;

/** The endpoints of an uploader on a server of their own. */
async function serve(uploader: Uploader, onTestFinished: OnFinished) {
  const server = createServer(toNodeHandler(createFetchHandler(uploader, { logger: silentLogger })));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.close();
    server.closeAllConnections();
  });
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return async (jobId: string, id?: string): Promise<EventClient> => {
    const headers: Record<string, string> = id === undefined ? {} : { 'last-event-id': id };
    return clientOf(await fetch(`${base}/v1/images/upload/${jobId}/events`, { headers }));
  };
}

/** The endpoints in front of a Redis, and what works on it by hand. */
async function onRedis(
  store: Store,
  onTestFinished: OnFinished,
): Promise<{ open: Awaited<ReturnType<typeof serve>>; submit: (count: number) => Promise<string> }> {
  const uploader = new Uploader({
    store,
    source: createFakeSource(),
    host: createFakeHost(),
    logger: silentLogger,
  });
  onTestFinished(() => store.close());
  const open = await serve(uploader, onTestFinished);
  const urlOf = (at: number): string => `https://source.example/${at}`;
  const submit = async (count: number): Promise<string> =>
    (await uploader.submit(Array.from({ length: count }, (_, at) => urlOf(at)))).jobId;
  return { open, submit };
}

describe('a machine that only serves', () => {
  it('tells how far an upload of another machine is, and how its job ends', async ({ onTestFinished }) => {
    const scene = await FleetScene.open(onTestFinished, { pictureBytes: 1_000 });
    const application = scene.member();
    const open = await serve(application, onTestFinished);
    const bytes = sampleImage('image/png', { bytes: 3_000_000 });
    scene.pictures.set('/slow.png', { bytes, bytesPerSecond: 3_000_000 });
    const { jobId } = await application.submit([...scene.urls(3), scene.pictures.urlOf('/slow.png')]);
    const client = await open(jobId);
    await client.until('snapshot');
    await scene.process('worker');
    const events = await client.all();
    const types = typesOf(events);
    expect([types[0], types[1], types.at(-1)]).toEqual(['snapshot', 'job:started', 'job:finished']);
    expect(types.filter((type) => type === 'upload:completed')).toHaveLength(4);
    expect(events.at(-1)?.data.job).toMatchObject({ complete: 4, failed: 0 });
    const progress = events.filter(({ type }) => type === 'upload:progressed');
    expect(progress.length).toBeGreaterThan(0);
    for (const { id, data } of progress) {
      expect(id).toBeUndefined();
      expect(data).toMatchObject({ jobId, index: 3, attempt: 1, totalBytes: bytes.length });
    }
    const sent = progress.map(({ data }) => data.sentBytes);
    expect(sent).toEqual(sent.toSorted((one, other) => one - other));
    expect((await open(jobId, events.at(-1)?.id)).answer.status).toBe(204);
  });
});

describe('of a history in Redis', () => {
  it('a client goes on from every place', async ({ onTestFinished }) => {
    const scene = await FleetScene.open(onTestFinished);
    const store = new RedisStore({ ...scene.redis, logger: silentLogger });
    const { open, submit } = await onRedis(store, onTestFinished);
    const jobId = await submit(5);
    const first = await open(jobId);
    await first.until('snapshot');
    await settle(store, 3);
    await settle(store, 2);
    const [, ...all] = await first.all();
    expect(typesOf(all).at(-1)).toBe('job:finished');
    for (const [at, { id }] of all.slice(0, -1).entries())
      expect(await (await open(jobId, id)).all()).toEqual(all.slice(at + 1));
    expect((await open(jobId, all.at(-1)?.id)).answer.status).toBe(204);
  });

  it('a client that missed some is told so, and so is one from another', async ({ onTestFinished }) => {
    const scene = await FleetScene.open(onTestFinished);
    const store = new RedisStore({ ...scene.redis, maxEvents: 10, logger: silentLogger });
    const { open, submit } = await onRedis(store, onTestFinished);
    const jobId = await submit(400);
    const first = await open(jobId);
    await first.until('snapshot');
    await settle(store, 1);
    const [, started] = await first.until(2);
    await first.leave();
    for (let time = 0; time < 398; time += 1) await settle(store, 1);
    for (const id of [started?.id, '0123abcd-7', '1-1.0']) {
      const client = await open(jobId, id);
      const [gap] = await client.until(1);
      expect(gap).toMatchObject({
        type: 'gap',
        data: { job: { complete: 399 }, view: { status: 'in-progress' } },
      });
      expect(gap?.data.view.uploaded.complete).toHaveLength(399);
      await client.leave();
    }
    const last = await open(jobId, started?.id);
    await last.until('gap');
    await settle(store, 1);
    const events = await last.all();
    expect(typesOf(events).slice(-2)).toEqual(['upload:completed', 'job:finished']);
    expect(typesOf(events).filter((type) => type === 'gap')).toHaveLength(1);
  });
});

describe('a Redis that goes away', () => {
  it('is 503 at the beginning of a stream, and later ends none: nothing is lost or told twice', async ({
    onTestFinished,
  }) => {
    const redis = await startRedisServer(...KEEPS_ALL);
    onTestFinished(() => redis.close());
    const store = new RedisStore({ url: redis.url, logger: silentLogger });
    const { open, submit } = await onRedis(store, onTestFinished);
    const jobId = await submit(4);
    const client = await open(jobId);
    await client.until('snapshot');
    await settle(store, 2);
    await client.until(4);
    await redis.kill();
    const refused = await open(jobId);
    expect(refused.answer.status).toBe(503);
    expect(Number(refused.answer.headers.get('retry-after'))).toBeGreaterThan(0);
    await refused.leave();
    await redis.restart();
    await expect
      .poll(() =>
        settle(store, 2).then(
          () => 'settled',
          () => 'away',
        ),
      )
      .toBe('settled');
    const [, ...events] = await client.all();
    expect(typesOf(events)).toEqual(['job:started', ...Array(4).fill('upload:completed'), 'job:finished']);
    expect(events.slice(1, -1).map(({ data }) => data.index)).toEqual([0, 1, 2, 3]);
  });
});

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, describe, expect, it } from 'vitest';

import { silentLogger, Uploader } from '@imgferry/core';
import { createHttpSource } from '@imgferry/core/http-source';
import { createImgurHost } from '@imgferry/core/imgur-host';
import { imgurReplies, sampleImage, startImgurStandIn, startPictureServer } from '@imgferry/core/testing';
import { createFetchHandler, toNodeHandler } from '@imgferry/http-adapter';
import { MemoryStore } from '@imgferry/memory-store';
import { eventNames } from './setup/event-names.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function setUp(pictures: Parameters<typeof startPictureServer>[0]) {
  const web = await startPictureServer(pictures);
  const imgur = await startImgurStandIn();
  const store = new MemoryStore();
  const source = createHttpSource({ allow: ['127.0.0.1'] });
  const host = createImgurHost({ clientId: 'canary-client-id', apiUrl: imgur.url });
  const uploader = new Uploader({
    store,
    source,
    host,
    retryDelayMs: 1,
    attemptDelayMs: 1,
    logger: silentLogger,
  });
  const server = createServer(toNodeHandler(createFetchHandler(uploader)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  closers.push(
    () => web.close(),
    () => imgur.close(),
    () => store.close(),
    () => source.close(),
    () => host.close(),
    () => new Promise((resolve) => server.close(resolve)),
    () => uploader.stop({ timeoutMs: 0 }),
  );
  const submit = async (paths: readonly string[]): Promise<string> => {
    const answer = await fetch(`${base}/v1/images/upload`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ urls: paths.map((path) => `${web.url}${path}`) }),
    });
    expect(answer.status).toBe(202);
    const { jobId } = (await answer.json()) as { jobId: string };
    return jobId;
  };
  const read = async (path: string): Promise<Record<string, unknown>> =>
    (await fetch(`${base}${path}`)).json() as Promise<Record<string, unknown>>;
  return { web, imgur, uploader, submit, read };
}

describe('the main job', () => {
  it('carries pictures from the web to Imgur, each byte the same, and leaves the bad ones behind', async () => {
    const pictures = {
      '/a.png': sampleImage('image/png', { bytes: 5_000 }),
      '/b.jpg': sampleImage('image/jpeg', { bytes: 400_000 }),
      '/c.gif': sampleImage('image/gif', { bytes: 2_000 }),
    };
    const page = new TextEncoder().encode('<!doctype html><p>no picture');
    const { web, imgur, uploader, submit, read } = await setUp({ ...pictures, '/page': page });
    const jobId = await submit(['/a.png', '/page', '/b.jpg', '/missing', '/c.gif']);
    uploader.start();
    await uploader.finished(jobId);
    const links = [...imgur.images].map(({ link }) => link);
    const view = await read(`/v1/images/upload/${jobId}`);
    expect(view).toMatchObject({ id: jobId, status: 'complete', uploaded: { pending: [] } });
    const { complete, failed } = view.uploaded as Record<'complete' | 'failed', string[]>;
    expect(failed).toEqual([`${web.url}/page`, `${web.url}/missing`]);
    expect([...complete].sort()).toEqual([...links].sort());
    expect(((await read('/v1/images')).uploaded as string[]).sort()).toEqual([...links].sort());
    expect([...imgur.images].map(({ bytes }) => bytes).sort()).toEqual([2_000, 400_000, 5_000]);
  });

  it('tells each event once, and shows no secret in any of them', async () => {
    const { imgur, uploader, submit } = await setUp({ '/a.png': sampleImage('image/png') });
    const told: { name: string; event: unknown }[] = [];
    for (const name of eventNames) uploader.on(name, (event) => told.push({ name, event }));
    imgur.next(imgurReplies.couldNotProcess());
    const finished = Promise.withResolvers<unknown>();
    uploader.once('job:finished', finished.resolve);
    await submit(['/a.png', '/missing']);
    uploader.start();
    await finished.promise;
    const counted = Object.groupBy(told, ({ name }) => name);
    expect(counted.error).toBeUndefined();
    for (const name of ['job:created', 'job:started', 'job:finished', 'upload:completed', 'upload:failed'])
      expect(counted[name], name).toHaveLength(1);
    expect(counted['upload:retried']?.length).toBeGreaterThanOrEqual(1);
    const text = JSON.stringify(told);
    expect(text).not.toContain('canary-client-id');
    expect(text).not.toContain(imgur.images[0]?.deleteHash);
  });

  it('loses nothing when the worker stops in the middle and another one goes on', async () => {
    const { imgur, uploader, submit, read } = await setUp({
      '/a.png': sampleImage('image/png'),
      '/b.png': sampleImage('image/png'),
    });
    const hold = imgur.hold();
    const jobId = await submit(['/a.png', '/b.png']);
    uploader.start();
    await hold.waitFor(1);
    await uploader.stop({ timeoutMs: 0 });
    hold.release();
    const view = await uploader.job(jobId);
    expect(view).toMatchObject({ status: 'in-progress', waiting: 2, claimed: 0, complete: 0, failed: 0 });
    expect(await read(`/v1/images/upload/${jobId}`)).toMatchObject({
      finished: null,
      uploaded: { complete: [], failed: [] },
    });
  });

  it('refuses what lies inside the network, and the host hears nothing of it', async () => {
    const { imgur, uploader, submit } = await setUp({});
    const inside = [
      'http://127.0.0.2/',
      'http://[::1]/',
      'http://10.0.0.1/',
      'http://169.254.169.254/latest/meta-data/',
    ];
    const { jobId } = await uploader.submit(inside);
    uploader.start();
    await uploader.finished(jobId);
    const uploads = await uploader.uploads(jobId);
    expect(uploads?.items.map(({ failure }) => failure?.code)).toEqual(Array(4).fill('blocked_address'));
    expect(imgur.requests.posts).toBe(0);
    expect(await submit(['/nothing'])).toMatch(/^[0-9a-f-]{36}$/);
  });
});

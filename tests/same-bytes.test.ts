import { randomUUID } from 'node:crypto';

import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';

import {
  type Host,
  type Store,
  type SubmitOptions,
  silentLogger,
  Uploader,
  type UploaderEvents,
  type UploaderOptions,
} from '@imgferry/core';
import { createHttpSource, type HttpSource } from '@imgferry/core/http-source';
import { createImgurHost, type ImgurHost } from '@imgferry/core/imgur-host';
import {
  type ImgurStandIn,
  type PictureServer,
  sampleImage,
  startImgurStandIn,
  startPictureServer,
} from '@imgferry/core/testing';
import { createFetchHandler } from '@imgferry/http-adapter';
import { MemoryStore } from '@imgferry/memory-store';
import { checkInvariants, RedisStore } from '@imgferry/redis-store';
import { MovedClock, moveClockByHand } from '../packages/redis-store/test/moved-clock.ts';

moveClockByHand();

const HOUR_MS = 3_600_000;
const NO_LIMITS = { client: false, user: false, post: false } as const;

interface Scene {
  /** One for each process. */
  readonly open: () => Store;
  readonly elapse: (ms: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

const scenes: Readonly<Record<string, () => Promise<Scene>>> = {
  memory: async () => {
    let now = Date.now();
    const store = new MemoryStore({ clock: () => now });
    const elapse = async (ms: number): Promise<void> => {
      now += ms;
    };
    return { open: () => store, elapse, close: () => store.close() };
  },
  Redis: async () => {
    const redis = { url: inject('redisUrl'), namespace: `test-${randomUUID()}`, timeoutMs: 20_000 };
    const clock = await new MovedClock(redis.url, redis.namespace).begin();
    const opened: Store[] = [];
    const open = (): Store => opened[opened.push(new RedisStore(redis)) - 1] ?? expect.fail();
    const close = async (): Promise<void> => {
      for (const store of opened) await store.close();
      expect((await checkInvariants(redis)).violations).toEqual([]);
      clock.close();
    };
    return { open, elapse: (ms) => clock.elapse(ms), close };
  },
};

describe.each(Object.keys(scenes))('the same bytes, by %s,', (name) => {
  let scene: Scene;
  let imgur: ImgurStandIn;
  let web: PictureServer;
  let source: HttpSource;
  let host: ImgurHost;
  let store: Store;
  const uploaders: Uploader[] = [];

  beforeEach(async () => {
    scene = (await scenes[name]?.()) ?? expect.fail();
    imgur = await startImgurStandIn({ limits: NO_LIMITS });
    web = await startPictureServer({});
    source = createHttpSource({ allow: ['127.0.0.1'], connectionsPerHost: 16 });
    host = createImgurHost({ clientId: 'client', apiUrl: imgur.url });
    store = scene.open();
  });

  afterEach(async () => {
    await Promise.all(uploaders.splice(0).map((uploader) => uploader.stop({ timeoutMs: 0 })));
    for (const each of [scene, source, host, imgur, web]) await each.close();
  });

  function worker(options: Partial<UploaderOptions> = {}): Uploader {
    const parts = { store, source, host, logger: silentLogger, rememberImagesMs: HOUR_MS };
    const uploader = new Uploader({ ...parts, ...options });
    uploaders.push(uploader);
    uploader.start();
    return uploader;
  }

  /** The same picture by as many URLs. */
  function urls(
    count: number,
    picture: Parameters<PictureServer['set']>[1] = sampleImage('image/png'),
  ): string[] {
    const folder = randomUUID();
    return Array.from({ length: count }, (_, index) => {
      web.set(`/${folder}/${index}`, picture);
      return web.urlOf(`/${folder}/${index}`);
    });
  }

  async function ferry(uploader: Uploader, list: readonly string[], options?: SubmitOptions) {
    const { jobId } = await uploader.submit(list, options);
    expect(await uploader.finished(jobId)).toMatchObject({ complete: list.length, failed: 0 });
    const { items = [] } = (await uploader.uploads(jobId)) ?? {};
    return { jobId, links: items.map(({ link }) => link), reused: items.map(({ reused }) => reused) };
  }

  it.each([1, 8])('by 10 URLs of a job are sent once where %d run at once', async (concurrency) => {
    const uploader = worker({ concurrency });
    // Of a host that nobody has heard of only one upload is begun at first.
    await ferry(uploader, urls(1, sampleImage('image/gif')));
    imgur.reset();
    const told: UploaderEvents['upload:completed'][] = [];
    uploader.on('upload:completed', (event) => told.push(event));
    const { jobId, links, reused } = await ferry(uploader, urls(10));
    expect(imgur.requests.posts).toBe(1);
    expect(new Set(links)).toEqual(new Set(imgur.images.map(({ link }) => link)));
    expect(reused.filter(Boolean)).toHaveLength(9);
    expect(told.filter((event) => event.reused)).toHaveLength(9);
    expect((await store.stats()).totals).toMatchObject({ uploadsComplete: 11, uploadsReused: 9 });
    expect((await store.links()).items).toHaveLength(11);
    expect(await uploader.deleteHashes(jobId)).toHaveLength(1);
    const request = new Request(`http://here/v1/images/upload/${jobId}/uploads`);
    const { uploads } = (await (await createFetchHandler(uploader)(request)).json()) as {
      uploads: { reused: boolean }[];
    };
    expect(uploads.map((upload) => upload.reused)).toEqual(reused);
  });

  it('are sent once for all jobs and processes, as long as they are remembered', async () => {
    const here = await ferry(worker(), urls(1));
    await Promise.all(uploaders.splice(0).map((uploader) => uploader.stop()));
    store = scene.open();
    const elsewhere = worker();
    const there = await ferry(elsewhere, urls(1));
    expect([there.links, there.reused]).toEqual([here.links, [true]]);
    expect(imgur.requests.posts).toBe(1);
    await scene.elapse(HOUR_MS);
    const later = await ferry(elsewhere, urls(1));
    expect(later.reused).toEqual([false]);
    expect(imgur.requests.posts).toBe(2);
  });

  it('are sent every time unless they are to be remembered', async () => {
    const uploader = worker({ rememberImagesMs: 0, concurrency: 1 });
    const { reused } = await ferry(uploader, urls(10));
    expect(reused).not.toContain(true);
    expect(imgur.requests.posts).toBe(10);
  });

  it('are another image in another album, and at another host', async () => {
    const another: Host = { name: 'another', limits: host.limits, upload: (...args) => host.upload(...args) };
    const [uploader, elsewhere] = [worker(), worker({ host: another })];
    for (const options of [{}, { album: 'a' }, { album: 'b' }, { album: 'a' }])
      await ferry(uploader, urls(1), options);
    expect(imgur.requests.posts).toBe(3);
    expect((await ferry(elsewhere, urls(1))).reused).toEqual([false]);
    expect(imgur.requests.posts).toBe(4);
  });

  it('take nothing of what the host allows when they are not sent', async () => {
    const limited = await startImgurStandIn();
    const elsewhere = createImgurHost({ clientId: 'client', apiUrl: limited.url });
    const budget = async (look: string) => {
      const { buckets } = await store.budget.read([...(elsewhere.budget ?? []), look]);
      return buckets.map(({ bucket, remaining, inFlight }) => ({ bucket, remaining, inFlight }));
    };
    const uploader = worker({ host: elsewhere });
    await ferry(uploader, urls(1));
    const before = await budget('before');
    expect(before).not.toEqual([]);
    expect((await ferry(uploader, urls(5))).reused).not.toContain(false);
    expect(await budget('after')).toEqual(before);
    await elsewhere.close();
    await limited.close();
  });

  it('are sent again when the outcome of those before was lost', async () => {
    const uploader = worker();
    const hold = imgur.hold({ times: 1 });
    const { jobId } = await uploader.submit(urls(1));
    await hold.waitFor(1);
    await store.cancel(jobId);
    const lost = new Promise((resolve) => uploader.once('upload:lost', resolve));
    hold.release();
    await lost;
    await imgur.waitUntil(({ deleted }) => deleted === 1);
    const { links, reused } = await ferry(uploader, urls(1));
    expect(reused).toEqual([false]);
    expect(links).toEqual(imgur.images.filter(({ deleted }) => !deleted).map(({ link }) => link));
  });

  it('are sent every time where they pass as a stream, and once where they are held', async () => {
    const large = sampleImage('image/jpeg', { bytes: 400_000 });
    const uploader = worker({ concurrency: 1 });
    expect((await ferry(uploader, urls(2, large))).reused).toEqual([false, false]);
    expect((await ferry(uploader, urls(2, { bytes: large, noLength: 'chunked' }))).reused).toEqual([
      false,
      true,
    ]);
    expect(imgur.requests.posts).toBe(3);
  });
});

import { InvalidOptionError, Uploader } from '@imgferry/core';
import { createHttpSource } from '@imgferry/core/http-source';
import { createImgurHost } from '@imgferry/core/imgur-host';
import { createFetchHandler } from '@imgferry/http-adapter';
import { MemoryStore } from '@imgferry/memory-store';
import { RedisStore } from '@imgferry/redis-store';
import { canaries } from './canaries.ts';
import { lookAtTheMonitor, refusedMonitors } from './monitor-tour.ts';
import type { Scene } from './scene.ts';
import { ask, askForEverything } from './tour.ts';

const { clientId, clientSecret, accessToken, refreshToken, rapidApiKey, redisPassword, signature } = canaries;

/** What is made with secrets, looked at from outside; and what is refused because of them. */
export async function lookAtObjects(scene: Scene): Promise<void> {
  const { diary, store, source } = scene;
  const credentials = { load: async () => ({ accessToken, refreshToken }), save: async () => {} };
  const kept = scene.imgurHost('looked-at', scene.imgur.url, { credentials, clientSecret, rapidApiKey });
  const account = scene.imgurHost('looked-at', scene.imgur.url, { accessToken, refreshToken, clientSecret });
  const uploader = scene.uploader(kept);
  const memory = new Uploader({ store: new MemoryStore(), source, host: account });
  await memory.submit([scene.sources.good]);
  const handler = createFetchHandler(memory);
  const objects = [
    store,
    store.queue,
    store.budget,
    store.fleet,
    source,
    kept,
    account,
    uploader,
    memory,
    handler,
  ];
  diary.see('the settings', uploader.settings, memory.settings);
  diary.see('an object that was looked at', ...objects, { ...kept }, { ...store }, { ...uploader });
  const bad: readonly (() => unknown)[] = [
    ...refusedMonitors(scene),
    () => createImgurHost({ clientId: `${clientId} ` }),
    () => createImgurHost({ clientId, apiUrl: `https://me:${rapidApiKey}@imgur.example/` }),
    () => createImgurHost({ clientId, accessToken: `${accessToken}\n` }),
    () => createImgurHost({ clientId, refreshToken }),
    () => createHttpSource({ denyHosts: [`https://me:${accessToken}@inside.example`] }),
    () => createHttpSource({ allow: [`http://10.0.0.1/?sig=${signature}`] }),
    () => createFetchHandler(uploader, { cors: { origins: [`https://me:${accessToken}@app.example`] } }),
    () => createFetchHandler(uploader, { basePath: `/images?token=${accessToken}` }),
    () => new RedisStore({ url: `http://:${encodeURIComponent(redisPassword)}@127.0.0.1` }),
    () => new RedisStore({ url: `redis://:${encodeURIComponent(redisPassword)}@127.0.0.1?keyPrefix=x` }),
    () => new RedisStore({ url: `redis://:${redisPassword}@127.0.0.1` }),
    () => new RedisStore({ url: `redis://:${encodeURIComponent(redisPassword)}%zz@127.0.0.1` }),
  ];
  for (const make of bad)
    try {
      make();
      throw new Error(`it was taken: ${make}`);
    } catch (error) {
      if (!(error instanceof InvalidOptionError)) throw error;
      diary.seeError(error);
    }
}

export async function lookAround(scene: Scene): Promise<void> {
  const uploader = scene.uploader(scene.imgurHost('imgur', scene.imgur.url));
  const { diary } = scene;
  await askForEverything(scene.handlerFor(uploader), scene.jobs, diary, scene.beginning);
  const careless = scene.handlerFor(uploader, () => {
    throw Object.assign(new Error(`no session for Bearer ${accessToken}`), {
      headers: { authorization: accessToken },
    });
  });
  await ask(careless, '/v1/images', {}, diary);
  for (const jobId of scene.jobs) await scene.seeUploads(uploader, jobId);
  diary.see('the statistics', await scene.store.stats());
  diary.see('the fleet', await uploader.workers());
  await lookAtTheMonitor(scene);
  await scene.seeRedis();
}

import { once } from 'node:events';

import { canaries } from './canaries.ts';
import type { Scene } from './scene.ts';
import { ask } from './tour.ts';

const { redisPassword } = canaries;

/** Redis does not take the password. */
export async function beRefused(scene: Scene): Promise<void> {
  for (const password of [`${redisPassword}?`, redisPassword.slice(1)]) {
    const store = scene.redisStore(password);
    await store.ready().catch((error: unknown) => scene.diary.seeError(error));
    const uploader = scene.uploader(scene.imgurHost('imgur', scene.imgur.url), { store });
    uploader.start();
    await uploader.submit([scene.sources.good]).catch((error: unknown) => scene.diary.seeError(error));
    await ask(scene.handlerFor(uploader), '/v1/images', {}, scene.diary);
  }
  await scene.seeRedis();
}

/** Redis goes away under a worker, then takes the password no more. */
export async function loseRedis(scene: Scene): Promise<void> {
  const { diary } = scene;
  const store = scene.redisStore(redisPassword);
  await store.ready();
  const uploader = scene.uploader(scene.imgurHost('imgur', scene.imgur.url), { store });
  const quiet = scene.uploader(scene.imgurHost('imgur', scene.imgur.url), { store, console: true });
  uploader.start();
  quiet.start();
  const away = Promise.withResolvers<unknown>();
  uploader.on('error', away.resolve);
  await scene.redis.kill();
  await away.promise;
  const handler = scene.handlerFor(uploader);
  const urls = JSON.stringify({ urls: [scene.sources.good] });
  const headers = { 'content-type': 'application/json' };
  await Promise.all([
    ask(handler, '/v1/images/upload', { method: 'POST', headers, body: urls }, diary),
    ask(handler, '/v1/images', {}, diary),
    ask(handler, '/readyz', {}, diary),
    uploader.submit([scene.sources.good]).catch((error: unknown) => diary.seeError(error)),
  ]);
  await scene.redis.restart();
  await store.stats().catch((error: unknown) => diary.seeError(error));
  const back = scene.redisClient();
  if (back.status !== 'ready') await once(back, 'ready');
  await back.config('SET', 'requirepass', 'another');
  await back.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  await store.stats().catch((error: unknown) => diary.seeError(error));
}

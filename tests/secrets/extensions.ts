import { signed } from './bad-sources.ts';
import { canaries } from './canaries.ts';
import {
  carelessHost,
  carelessPaths,
  carelessSource,
  carelessStore,
  carelessTransform,
} from './careless-parts.ts';
import type { Scene } from './scene.ts';

const { clientSecret, accessToken, refreshToken } = canaries;

export async function ferryWithCarelessParts(scene: Scene): Promise<void> {
  const urls = carelessPaths.map((path) => `https://careless.example${path}${signed}`);
  for (const [name, parts] of [
    ['careless', {}],
    ['careless-console', { console: true }],
  ] as const) {
    const gate = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    const host = carelessHost(name, () => {
      reached.resolve();
      return gate.promise;
    });
    const uploader = scene.uploader(host, { source: carelessSource, ...parts });
    scene.diary.see('the settings', uploader.settings);
    if (name === 'careless-console')
      uploader.on('job:created', () => {
        throw Object.assign(new Error(`my own: Bearer ${accessToken}`), {
          headers: { authorization: accessToken },
        });
      });
    await scene.seeUploads(uploader, await scene.ferry(uploader, urls));
    for (const title of ['error', 'reading'])
      await scene.seeUploads(
        uploader,
        await scene.ferry(uploader, [`https://careless.example/${signed}`], { title }),
      );
    const { jobId } = await uploader.submit([`https://careless.example/late${signed}`]);
    await reached.promise;
    // By another process: this one learns of it when it settles in vain, and deletes its image.
    await scene.store.cancel(jobId);
    gate.resolve();
    await uploader.stop();
    const converting = scene.uploader(
      carelessHost(`${name}-converting`, () => gate.promise),
      {
        ...parts,
        transform: carelessTransform,
      },
    );
    await scene.seeUploads(converting, await scene.ferry(converting, [scene.sources.good]));
    const forgetful = { ...parts, store: carelessStore(scene.store), rememberImagesMs: 60_000 };
    const remembering = scene.uploader(scene.imgurHost(`${name}-remembering`, scene.imgur.url), forgetful);
    await scene.ferry(remembering, [scene.sources.good]);
  }
  const credentials = {
    load: () =>
      Promise.reject(Object.assign(new Error(`no row for ${refreshToken}`), { query: accessToken })),
    save: () => Promise.resolve(),
  };
  const host = scene.imgurHost('careless-tokens', scene.imgur.url, { credentials, clientSecret });
  await scene.ferryUntilItWaits(scene.uploader(host), [scene.sources.good]);
}

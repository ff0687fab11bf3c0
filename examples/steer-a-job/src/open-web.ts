import { sampleImage, startImgurStandIn, startPictureServer } from '@imgferry/core/testing';

/** What the pictures come from and go to: nothing leaves this machine. */
export interface OpenWeb {
  readonly imgurUrl: string;
  readonly urls: readonly string[];
  /** Has the server find the picture that was missing. */
  bringBack(): void;
  readonly close: () => Promise<void>;
}

const names = ['beach', 'boat', 'missing', 'castle', 'harbour', 'kite', 'lighthouse', 'market', 'sunset'];

/** A server of pictures that come slowly, so that there is something to watch, and a stand-in for Imgur. */
export async function openWeb(): Promise<OpenWeb> {
  const [imgur, pictures] = await Promise.all([startImgurStandIn(), startPictureServer({})]);
  const paths = names.map((name) => `/${name}.png`);
  const picture = (seed: number) => ({
    bytes: sampleImage('image/png', { bytes: 900_000 + 200_000 * (seed % 4), seed }),
    bytesPerSecond: 800_000,
  });
  for (const [seed, path] of paths.entries()) pictures.set(path, picture(seed));
  pictures.set('/missing.png', { status: 404 });
  return {
    imgurUrl: imgur.url,
    urls: paths.map((path) => pictures.urlOf(path)),
    bringBack: () => pictures.set('/missing.png', picture(2)),
    async close() {
      await Promise.all([imgur.close(), pictures.close()]);
    },
  };
}

import { sampleImage, startImgurStandIn, startPictureServer } from '@imgferry/core/testing';

/** What the pictures come from and go to: nothing leaves this machine. */
export interface OpenWeb {
  readonly imgurUrl: string;
  readonly urls: readonly string[];
  /** Has the server find the picture that was missing. */
  bringBack(): void;
  readonly close: () => Promise<void>;
}

/** How large each is, in bytes. */
const sizes = {
  ...{ beach: 900_000, boat: 1_100_000, missing: 1_300_000, castle: 1_500_000, harbour: 900_000 },
  ...{ kite: 1_200_000, lighthouse: 2_800_000, market: 2_600_000, sunset: 900_000 },
};

/** A server of pictures that come slowly, so that there is something to watch, and a stand-in for Imgur. */
export async function openWeb(): Promise<OpenWeb> {
  const [imgur, pictures] = await Promise.all([startImgurStandIn(), startPictureServer({})]);
  const served = Object.entries(sizes).map(([name, bytes], seed) => ({
    path: `/${name}.png`,
    picture: { bytes: sampleImage('image/png', { bytes, seed }), bytesPerSecond: 1_100_000 },
  }));
  const bringBack = (): void => {
    for (const { path, picture } of served) pictures.set(path, picture);
  };
  bringBack();
  pictures.set('/missing.png', { status: 404 });
  return {
    imgurUrl: imgur.url,
    urls: served.map(({ path }) => pictures.urlOf(path)),
    bringBack,
    async close() {
      await Promise.all([imgur.close(), pictures.close()]);
    },
  };
}

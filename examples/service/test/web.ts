import { createHash } from 'node:crypto';

import { type PictureRoute, sampleImage } from '@imgferry/core/testing';

/** What a picture server serves: pictures, each like no other, and the digests by which the host's images are known again. */
export class Web {
  readonly routes: Record<string, PictureRoute> = {};
  readonly #digests = new Map<string, string>();

  /** Pictures that a sender answers with, and their paths. */
  add(count: number, folder: string, route: (bytes: Uint8Array) => PictureRoute): string[] {
    return Array.from({ length: count }, (_, at) => {
      const { bytes, sha256 } = picture(this.#digests.size);
      const path = `/${folder}/${at}.png`;
      this.#digests.set(path, sha256);
      this.routes[path] = route(bytes);
      return path;
    });
  }

  digestsAt(base: string): Map<string, string> {
    return new Map([...this.#digests].map(([path, sha256]) => [base + path, sha256]));
  }
}

/** Takes about so long to arrive. */
export const paced =
  (ms: number) =>
  (bytes: Uint8Array): PictureRoute => ({ bytes, bytesPerSecond: (bytes.length * 1_000) / ms });

function picture(seed: number): { readonly bytes: Uint8Array; readonly sha256: string } {
  const bytes = sampleImage('image/png', { bytes: 3_000, seed });
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}

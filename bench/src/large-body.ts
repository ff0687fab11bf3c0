import { createHash } from 'node:crypto';

import { sampleImages } from '@imgferry/core/testing';

/** The size of each body: within what Imgur takes of GIFs and videos. */
export const largeBodyBytes = 200_000_000;

const chunkBytes = 64 * 1024;

/** A GIF or a video by its first bytes, and large, without ever being held whole. */
export interface LargeBody {
  readonly type: 'image/gif' | 'video/mp4';
  readonly chunks: () => Generator<Uint8Array>;
}

/** Makes the body with a number: GIFs and videos in turns, no two alike. */
export function largeBody(number: number): LargeBody {
  const type = number % 2 === 0 ? 'image/gif' : 'video/mp4';
  const head = sampleImages[type];
  const filler = Buffer.alloc(chunkBytes, `body ${number} `);
  return {
    type,
    *chunks() {
      yield head;
      for (let left = largeBodyBytes - head.length; left > 0; left -= chunkBytes)
        yield left < chunkBytes ? filler.subarray(0, left) : filler;
    },
  };
}

/** The SHA-256 in hexadecimal of what a body should arrive as. */
export function digestOf({ chunks }: LargeBody): string {
  const hash = createHash('sha256');
  for (const chunk of chunks()) hash.update(chunk);
  return hash.digest('hex');
}

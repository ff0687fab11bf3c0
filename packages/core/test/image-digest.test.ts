import { createHash } from 'node:crypto';
import { getEventListeners } from 'node:events';

import { describe, expect, it } from 'vitest';

import { imageDigest } from '../src/image-digest.ts';

const { signal } = new AbortController();
const MEBIBYTE = 1024 * 1024;
const image = Uint8Array.from({ length: 3 * MEBIBYTE + 7 }, (_, at) => at * 31 + (at >> 8));

function cut(bytes: Uint8Array, chunkBytes: number): readonly Uint8Array[] {
  const count = Math.ceil(bytes.length / chunkBytes);
  return Array.from({ length: count }, (_, at) => bytes.subarray(at * chunkBytes, (at + 1) * chunkBytes));
}

describe('the digest of an image', () => {
  it.each([1_000, 65_536, MEBIBYTE, MEBIBYTE + 1, image.length])(
    'is the SHA-256 of all its bytes after what is asked, in chunks of %d bytes',
    async (chunkBytes) => {
      const whole = createHash('sha256').update('["a host",[]]\0').update(image).digest('base64url');
      expect(await imageDigest(cut(image, chunkBytes), ['a host', []], signal)).toBe(whole);
    },
  );

  it('is another one when another thing is asked', async () => {
    const [one, other] = [['a host'], ['another host']].map((about) => imageDigest([image], about, signal));
    expect(await one).not.toBe(await other);
  });

  it('lets the event loop turn after each mebibyte', async () => {
    let turns = 0;
    let next = setImmediate(function count() {
      turns += 1;
      next = setImmediate(count);
    });
    await imageDigest([image], [], signal);
    clearImmediate(next);
    expect(turns).toBeGreaterThanOrEqual(3);
  });

  it('is given up when the signal aborts', async () => {
    const abort = new AbortController();
    const digest = imageDigest([image], [], abort.signal);
    abort.abort();
    await expect(digest).rejects.toThrow();
    expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
  });
});

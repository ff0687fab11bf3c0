import { describe, expect, test } from 'vitest';

import { hasImageEnd } from '../../src/http-source/image-end.ts';
import { apngOf, gifOf, jpegOf, pngOf } from './images.ts';

const images = [
  ['image/jpeg', jpegOf()],
  ['image/png', pngOf()],
  ['image/apng', apngOf()],
  ['image/gif', gifOf()],
] as const;

/** The same bytes, one by one: no walk may depend on where chunks end. */
const single = (bytes: Buffer): Uint8Array[] => Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));

describe('the end mark', () => {
  test.each(images)('of a whole %s is found', (type, bytes) => {
    expect(hasImageEnd(type, [bytes])).toBe(true);
    expect(hasImageEnd(type, single(bytes))).toBe(true);
  });

  test.each(images)('of a %s may be followed by anything', (type, bytes) =>
    expect(hasImageEnd(type, [bytes, Buffer.alloc(100), Buffer.from('\xff\xd8 trailer', 'latin1')])).toBe(
      true,
    ),
  );

  test.each(images)('of a %s cut anywhere is missed', (type, bytes) => {
    const found = [];
    for (let cut = 0; cut < bytes.length; cut += 1)
      if (hasImageEnd(type, [bytes.subarray(0, cut)])) found.push(cut);
    expect(found).toEqual([]);
  });

  test('is asked of no type that has none', () =>
    expect(hasImageEnd('video/mp4', [Buffer.from('x')])).toBe(true));

  test('of nothing at all is missed', () => expect(hasImageEnd('image/png', [])).toBe(false));
});

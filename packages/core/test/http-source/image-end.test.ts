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

/** Of a GIF without a colour table. */
const gifHead = Buffer.from('GIF89a\0\0\0\0\0\0\0');

describe('the end mark', () => {
  test.each(images)('of a whole %s is found', async (type, bytes) => {
    expect(await hasImageEnd(type, [bytes])).toBe(true);
    expect(await hasImageEnd(type, single(bytes))).toBe(true);
  });

  test.each(images)('of a %s may be followed by anything', async (type, bytes) => {
    const followed = [bytes, Buffer.alloc(100), Buffer.from('\xff\xd8 trailer', 'latin1')];
    expect(await hasImageEnd(type, followed)).toBe(true);
  });

  test.each(images)('of a %s cut anywhere is missed', async (type, bytes) => {
    const found = [];
    for (let cut = 0; cut < bytes.length; cut += 1)
      if (await hasImageEnd(type, [bytes.subarray(0, cut)])) found.push(cut);
    expect(found).toEqual([]);
  });

  test('is asked of no type that has none', async () =>
    expect(await hasImageEnd('video/mp4', [Buffer.from('x')])).toBe(true));

  test('of nothing at all is missed', async () => expect(await hasImageEnd('image/png', [])).toBe(false));

  test.each([
    ['image/gif', Buffer.concat([gifHead, Buffer.from([0x21, 0xf9]), Buffer.alloc(400_000, 1)])],
    ['image/gif', Buffer.concat([gifHead, Buffer.alloc(300_000, Buffer.from([0x21, 0, 0]))])],
    ['image/jpeg', Buffer.alloc(200_000, Buffer.from([0xff, 0]))],
    ['image/jpeg', Buffer.alloc(200_000, 0xff)],
    ['image/png', Buffer.alloc(600_000)],
  ])('of a %s that is nothing but parts is looked for in many turns', async (type, bytes) => {
    let turns = 0;
    let looking = true;
    const count = (): void => {
      turns += 1;
      if (looking) setImmediate(count);
    };
    setImmediate(count);
    await hasImageEnd(type, [bytes]);
    looking = false;
    expect(turns).toBeGreaterThan(3);
  });
});

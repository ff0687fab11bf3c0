import { describe, expect, test } from 'vitest';

import { hasImageEnd } from '../../src/http-source/image/image-end.ts';
import { apngOf, gifOf, jpegOf, mp4Of, pngOf } from './images.ts';

const images = [
  ['image/jpeg', jpegOf()],
  ['image/png', pngOf()],
  ['image/apng', apngOf()],
  ['image/gif', gifOf()],
] as const;

const hex = (text: string): Buffer => Buffer.from(text, 'hex');

/** And where they can be cut between two parts, which nobody notices. */
const containers = [
  ['video/mp4', 'two boxes', mp4Of(60), [24]],
  ['video/mp4', 'a box with a large size', hex('000000016d646174' + '0000000000000012' + 'ffff'), []],
  ['image/avif', 'one box', hex('0000000c6674797061766966'), []],
  ['image/webp', 'one chunk', Buffer.from('RIFF\x06\0\0\0WEBPxx', 'latin1'), []],
  ['video/x-msvideo', 'followed by anything', Buffer.from('RIFF\x04\0\0\0AVI ', 'latin1'), []],
  ['video/webm', 'two elements', hex('1a45dfa38101' + '18538067' + '4002' + 'ffff'), [6]],
  ['video/x-matroska', 'a size of eight bytes', hex('1a45dfa3' + '0100000000000001' + 'ff'), []],
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

  test.each(containers)('of a whole container is where its parts end: %s, %s', async (type, _, bytes) => {
    expect(await hasImageEnd(type, [bytes])).toBe(true);
    expect(await hasImageEnd(type, single(bytes))).toBe(true);
  });

  test.each(containers)('of a container cut in a part is missed: %s, %s', async (type, _, bytes, between) => {
    const found = [];
    for (let cut = 1; cut < bytes.length; cut += 1)
      if (await hasImageEnd(type, [bytes.subarray(0, cut)])) found.push(cut);
    expect(found).toEqual(between);
  });

  test.each([
    ['video/mp4', 'a last box without a size', Buffer.concat([mp4Of(100), hex('000000006d646174ff')])],
    ['video/mp4', 'what is no box', Buffer.concat([mp4Of(100), hex('000000056d646174ff')])],
    ['video/webm', 'a segment of unknown size', hex('1a45dfa38101' + '18538067' + '01ffffffffffffff' + '00')],
    ['video/webm', 'what has no size', hex('1a45dfa38101' + '18538067' + '00' + 'ffff')],
  ])('of a %s with %s can not be told', async (type, _, bytes) =>
    expect(await hasImageEnd(type, [bytes])).toBe(true),
  );

  test('is asked of no type that has none', async () =>
    expect(await hasImageEnd('image/tiff', [Buffer.from('x')])).toBe(true));

  test('of nothing at all is missed', async () => expect(await hasImageEnd('image/png', [])).toBe(false));

  test.each([
    ['image/gif', Buffer.concat([gifHead, Buffer.from([0x21, 0xf9]), Buffer.alloc(400_000, 1)])],
    ['image/gif', Buffer.concat([gifHead, Buffer.alloc(300_000, Buffer.from([0x21, 0, 0]))])],
    ['image/jpeg', Buffer.alloc(200_000, Buffer.from([0xff, 0]))],
    ['image/jpeg', Buffer.alloc(200_000, 0xff)],
    ['image/png', Buffer.alloc(600_000)],
    ['video/mp4', Buffer.alloc(600_000, hex('0000000866726565'))],
    ['video/webm', Buffer.alloc(300_000, hex('ec80'))],
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

import { describe, expect, test } from 'vitest';

import { dimensionReader } from '../../src/http-source/image/image-dimensions.ts';
import { sampleImage, sampleImages } from '../../src/testing/index.ts';
import { apngOf, gifOf, jpegFrame, jpegOf, jpegSegment, mp4Of, pngOf } from './images.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const start = hex('ffd8');

/** Of an image that is all there. */
function dimensionsOf(type: string, image: Uint8Array): string | undefined {
  const { size } = read(type, image);
  return size === undefined ? undefined : `${size.width} × ${size.height}`;
}

function read(type: string, image: Uint8Array) {
  const reader = dimensionReader(type);
  let readBytes = 0;
  if (reader === undefined) return { size: undefined, readBytes };
  let step = reader.next();
  while (!step.done) {
    const { at, bytes } = step.value;
    readBytes += bytes;
    step = reader.next(at + bytes <= image.length ? Buffer.from(image.subarray(at, at + bytes)) : undefined);
  }
  return { size: step.value, readBytes };
}

function pngSized(width: number, height: number): Buffer {
  const png = pngOf();
  png.writeUInt32BE(width, 16);
  png.writeUInt32BE(height, 20);
  return png;
}

/** A directory of width and height as the given type of number. */
function tiffSized(order: 'II' | 'MM', type: 3 | 4, width: number, height: number): Buffer {
  const tiff = Buffer.alloc(40);
  const write = (at: number, bytes: 2 | 4, value: number): unknown =>
    order === 'II' ? tiff.writeUIntLE(value, at, bytes) : tiff.writeUIntBE(value, at, bytes);
  tiff.write(order);
  write(2, 2, 42);
  write(4, 4, 10);
  write(10, 2, 2);
  for (const [at, tag, value] of [
    [12, 256, width],
    [24, 257, height],
  ] as const) {
    write(at, 2, tag);
    write(at + 2, 2, type);
    write(at + 4, 4, 1);
    write(at + 8, type === 3 ? 2 : 4, value);
  }
  return tiff;
}

const bigTiff = hex(
  '4949 2b00 0800 0000 1000000000000000' +
    '0200000000000000' +
    '0001 0400 0100000000000000 07000000 00000000' +
    '0101 1000 0100000000000000 0800000001000000',
);

describe('the dimensions in the header', () => {
  test.each([
    ['image/png', pngSized(40_000, 30_000), '40000 × 30000'],
    ['image/png', pngSized(0, 5), '0 × 5'],
    ['image/png', pngSized(1, 2 ** 31), '1 × 2147483648'],
    ['image/apng', apngOf(), '1 × 1'],
    ['image/gif', gifOf(), '1 × 1'],
    ['image/gif', latin1('GIF89a\xff\xff\x10\x27'), '65535 × 10000'],
    ['image/jpeg', jpegOf(), '1 × 1'],
    ['image/jpeg', Buffer.concat([start, jpegFrame(640, 480)]), '640 × 480'],
    ['image/jpeg', Buffer.concat([start, jpegFrame(7, 8, 0xc2)]), '7 × 8'],
    ['image/jpeg', Buffer.concat([start, jpegFrame(0, 8)]), '0 × 8'],
    ['image/jpeg', Buffer.concat([start, jpegSegment(0xc4, Buffer.alloc(9)), jpegFrame(7, 8)]), '7 × 8'],
    ['image/jpeg', Buffer.concat([start, hex('ffffff01ffd0ff'), jpegFrame(7, 8)]), '7 × 8'],
    [
      'image/jpeg',
      Buffer.concat([start, ...Array(4).fill(jpegSegment(0xe2, Buffer.alloc(65_533))), jpegFrame(7, 8)]),
      '7 × 8',
    ],
    ['image/tiff', tiffSized('II', 3, 640, 480), '640 × 480'],
    ['image/tiff', tiffSized('MM', 3, 640, 480), '640 × 480'],
    ['image/tiff', tiffSized('MM', 4, 70_000, 480), '70000 × 480'],
    ['image/tiff', bigTiff, '7 × 4294967304'],
    ['image/webp', latin1('RIFF\x20\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xff\x01\0\x00\x01\0'), '512 × 257'],
    ['image/webp', latin1('RIFF\x20\0\0\0WEBPVP8 \x10\0\0\0\0\0\0\x9d\x01\x2a\x40\x01\xf0\x40'), '320 × 240'],
    ['image/bmp', Buffer.concat([Buffer.alloc(14), hex('28000000 80020000 20feffff')]), '640 × 480'],
    ['image/bmp', Buffer.concat([Buffer.alloc(14), hex('0c000000 0500 0600 0000 0000')]), '5 × 6'],
  ])('of %s are read (%#)', (type, image, size) => expect(dimensionsOf(type, image)).toBe(size));

  test.each(Object.entries(sampleImages).filter(([type]) => type !== 'video/mp4'))(
    'of a whole %s are read',
    (type, image) => expect(dimensionsOf(type, image)).toBe('1 × 1'),
  );

  test.each([
    ['image/png', 'another chunk comes first', Buffer.concat([pngOf().subarray(0, 8), Buffer.alloc(40)])],
    ['image/gif', 'the screen is empty', latin1('GIF89a\0\0\0\0')],
    ['image/jpeg', 'the height comes after the scan', Buffer.concat([start, jpegFrame(7, 0)])],
    [
      'image/jpeg',
      'a scan comes first',
      Buffer.concat([start, jpegSegment(0xda, Buffer.alloc(8)), jpegFrame(7, 8)]),
    ],
    ['image/jpeg', 'it ends first', Buffer.concat([start, hex('ffd9'), jpegFrame(7, 8)])],
    ['image/jpeg', 'there are no segments', Buffer.concat([start, Buffer.alloc(50)])],
    ['image/tiff', 'a directory is empty', hex('49492a00 08000000 0000 00000000 00000000')],
    ['image/tiff', 'a directory is not there', hex('49492a00 ffffff7f 0000 00000000 00000000')],
    ['image/tiff', 'a directory is a bomb', hex(`49492a00 08000000 ffff ${'00'.repeat(70_000 * 12)}`)],
    ['image/webp', 'its chunk is unknown', latin1('RIFF\x20\0\0\0WEBPJUNK'.padEnd(40, '\0'))],
    ['image/bmp', 'it is empty', Buffer.alloc(40)],
    ['video/mp4', 'nobody looks', mp4Of(100)],
  ])('of %s are not known where %s', (type, _, image) => expect(dimensionsOf(type, image)).toBeUndefined());

  test.each(Object.entries(sampleImages).filter(([type]) => type !== 'video/mp4'))(
    'of a %s cut anywhere are right or not known',
    (type, image) => {
      for (let cut = 0; cut < image.length; cut += 1)
        expect(['1 × 1', undefined]).toContain(dimensionsOf(type, image.subarray(0, cut)));
    },
  );

  test('are looked for behind a thousand segments of a JPEG and no further', () => {
    for (const [count, size] of [
      [999, '7 × 8'],
      [1_000, undefined],
    ] as const) {
      const segments = Array.from({ length: count }, () => jpegSegment(0xfe, Buffer.alloc(0)));
      const image = Buffer.concat([start, ...segments, jpegFrame(7, 8)]);
      expect(dimensionsOf('image/jpeg', image)).toBe(size);
    }
  });

  test('of an image with much before them are read from a few bytes each', () => {
    const image = sampleImage('image/jpeg', { bytes: 500_000 });
    const { size, readBytes } = read('image/jpeg', image);
    expect(size).toBeDefined();
    expect(readBytes).toBeLessThan(200);
  });
});

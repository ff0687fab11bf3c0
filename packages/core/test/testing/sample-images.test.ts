import { crc32, inflateSync } from 'node:zlib';

import { describe, expect, it } from 'vitest';

import { imageSizeOf } from '../../src/testing/imgur-stand-in/image-size.ts';
import { type SampleType, sampleImage, sampleImages } from '../../src/testing/index.ts';
import { mediaTypeOf } from '../../src/testing/media-type.ts';

const types = Object.keys(sampleImages) as SampleType[];

/** Every chunk of a PNG; throws when one does not fit. */
function pngChunks(png: Buffer): { type: string; data: Buffer }[] {
  const chunks: { type: string; data: Buffer }[] = [];
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const typed = png.subarray(at + 4, at + 8 + length);
    expect(png.readUInt32BE(at + 8 + length)).toBe(crc32(typed));
    chunks.push({ type: typed.toString('latin1', 0, 4), data: typed.subarray(4) });
    at += 12 + length;
  }
  return chunks;
}

/** The markers of a JPEG as far as its scan, each found where the one before says. */
function jpegMarkers(jpeg: Buffer): string[] {
  const markers: string[] = [];
  for (let at = 2; markers.at(-1) !== 'da'; at += 2 + jpeg.readUInt16BE(at + 2)) {
    expect(jpeg[at]).toBe(0xff);
    markers.push(jpeg.toString('hex', at + 1, at + 2));
  }
  return markers;
}

describe('a sample image', () => {
  it.each(types)('of %s is told by its first bytes', (type) => {
    expect(mediaTypeOf(Buffer.from(sampleImages[type]))).toBe(type);
    expect(mediaTypeOf(Buffer.from(sampleImage(type, { bytes: 4_000 })))).toBe(type);
  });

  it.each(types)('of %s has exactly the size that was asked for', (type) => {
    for (const bytes of [256, 1_000, 65_792, 200_002, 1_000_000]) {
      expect(sampleImage(type, { bytes })).toHaveLength(bytes);
    }
  });

  it.each(types.filter((type) => type !== 'image/webp'))(
    'of %s can have any size from some bytes on',
    (type) => {
      const least = sampleImages[type].length + 12;
      for (let bytes = least; bytes < least + 1_100; bytes += 1) {
        expect(sampleImage(type, { bytes })).toHaveLength(bytes);
      }
    },
  );

  it.each([
    ['image/jpeg', 65_537],
    ['image/gif', 3 + 256],
  ] as const)('of %s can be a few bytes larger than one full comment', (type, comment) => {
    for (let more = -3; more <= 6; more += 1) {
      const bytes = sampleImages[type].length + comment + more;
      expect(sampleImage(type, { bytes })).toHaveLength(bytes);
    }
  });

  it.each(types)('of %s refuses a size that it can not have', (type) => {
    expect(() => sampleImage(type, { bytes: 10 })).toThrow(RangeError);
    expect(() => sampleImage(type, { bytes: 10 })).toThrow(/the smallest has \d+/);
  });

  it('of WebP refuses an odd size', () => {
    expect(() => sampleImage('image/webp', { bytes: 1_001 })).toThrow(RangeError);
  });

  it.each(types)('of %s with another seed has other bytes and the same size', (type) => {
    const [one, other] = [1, 2].map((seed) => sampleImage(type, { bytes: 1_000, seed }));
    expect(one).toHaveLength(other?.length ?? 0);
    expect(one).not.toEqual(other);
  });

  it.each([
    ['image/png', '49454e44ae426082'],
    ['image/apng', '49454e44ae426082'],
    ['image/jpeg', 'ffd9'],
    ['image/gif', '003b'],
  ] as const)('of %s ends with its trailer', (type, trailer) => {
    for (const options of [{}, { bytes: 3_000 }]) {
      expect(Buffer.from(sampleImage(type, options)).toString('hex').endsWith(trailer)).toBe(true);
    }
  });

  it.each(['image/png', 'image/jpeg', 'image/gif', 'image/apng'] as const)('of %s is one pixel', (type) => {
    expect(imageSizeOf(type, Buffer.from(sampleImages[type]))).toEqual({ width: 1, height: 1 });
  });
});

describe('the parts of a sample', () => {
  it('of PNG are chunks with the right checksums around one pixel', () => {
    const chunks = pngChunks(Buffer.from(sampleImage('image/png', { bytes: 500 })));
    expect(chunks.map(({ type }) => type)).toEqual(['IHDR', 'fiLl', 'IDAT', 'IEND']);
    expect(inflateSync(chunks[2]?.data ?? Buffer.alloc(0))).toHaveLength(4);
  });

  it('of APNG announce the animation before the first frame', () => {
    const chunks = pngChunks(Buffer.from(sampleImages['image/apng']));
    expect(chunks.map(({ type }) => type)).toEqual(['IHDR', 'acTL', 'fcTL', 'IDAT', 'IEND']);
  });

  it('of JPEG are segments, comments of any number among them', () => {
    const comments = (bytes: number): number =>
      jpegMarkers(Buffer.from(sampleImage('image/jpeg', { bytes }))).filter((marker) => marker === 'fe')
        .length;
    expect([1_000, 65_000, 70_000, 1_000_000].map(comments)).toEqual([1, 1, 2, 16]);
  });

  it.each(['image/webp', 'video/mp4'] as const)('of %s fill the file', (type) => {
    const file = Buffer.from(sampleImage(type, { bytes: 1_000 }));
    let at = type === 'image/webp' ? 12 : 0;
    while (at < file.length)
      at += type === 'image/webp' ? 8 + file.readUInt32LE(at + 4) : file.readUInt32BE(at);
    // The one odd chunk of the WebP is its pixel's, 8 bytes: none is padded here.
    expect(at).toBe(file.length);
  });

  it('of TIFF are where its header and its directory say', () => {
    for (const bytes of [200, 201]) {
      const tiff = Buffer.from(sampleImage('image/tiff', { bytes }));
      const directory = tiff.readUInt32LE(4);
      expect(directory % 2).toBe(0);
      const stripOffset = tiff.readUInt32LE(directory + 2 + 5 * 12 + 8);
      expect(stripOffset).toBe(tiff.length - 1);
    }
  });
});

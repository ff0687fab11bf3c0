import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';

import type { TransformedImage } from '@imgferry/core';
import { type SampleType, sampleImage } from '@imgferry/core/testing';
import { convertWithSharp } from '../src/convert-with-sharp.ts';

function convert(image: Uint8Array, type = 'image/webp'): Promise<TransformedImage> {
  const bytes = Uint8Array.from(image);
  const given = { url: 'https://pictures.example/a', jobId: 'job-1', type, bytes };
  return convertWithSharp.transform(given, { limits: { maxBytes: {} }, signal: AbortSignal.timeout(10_000) });
}

/** Red on the left and black on the right. */
function picture(): Sharp {
  const bytes = Buffer.alloc(16 * 8 * 3);
  for (let at = 0; at < 16 * 8; at += 1) bytes[at * 3] = at % 16 < 8 ? 255 : 0;
  return sharp(bytes, { raw: { width: 16, height: 8, channels: 3 } });
}

describe('what sharp converts', () => {
  it('stands as EXIF says, and says nothing of where it was taken', async () => {
    const exif = { IFD0: { Copyright: 'canary' }, IFD3: { GPSLatitudeRef: 'N' } };
    const image = await picture().withMetadata({ orientation: 6 }).withExifMerge(exif).webp().toBuffer();
    expect(image.includes('canary')).toBe(true);
    const { type, body, width, height } = await convert(image);
    expect({ type, width, height }).toEqual({ type: 'image/jpeg', width: 8, height: 16 });
    expect(Buffer.from(body).includes('canary')).toBe(false);
    expect(Buffer.from(body).includes('Exif')).toBe(false);
  });

  it('keeps every frame of an animation, with its time', async () => {
    const frames = Buffer.alloc(4 * 4 * 3 * 3);
    frames.fill(255, 0, 4 * 4 * 3);
    frames.fill(128, 4 * 4 * 3, 2 * 4 * 4 * 3);
    const raw = { width: 4, height: 12, channels: 3, pageHeight: 4 } as const;
    const image = await sharp(frames, { raw })
      .webp({ delay: [100, 200, 300] })
      .toBuffer();
    const { type, body, height } = await convert(image);
    expect({ type, height }).toEqual({ type: 'image/gif', height: 4 });
    sharp.unblock({ operation: ['VipsForeignLoadNsgifBuffer'] });
    try {
      expect(await sharp(body, { animated: true }).metadata()).toMatchObject({
        ...{ pages: 3, delay: [100, 200, 300] },
      });
    } finally {
      sharp.block({ operation: ['VipsForeignLoadNsgifBuffer'] });
    }
  });
});

describe('what sharp refuses', () => {
  it('is an image that would fill the memory, before a pixel of it is read', async () => {
    const image = Buffer.from(sampleImage('image/webp'));
    // The size stands after the signature 2f of its lossless bitstream: 14 bits of width, 14 of height, both less one.
    image.writeUInt32LE((9_999 << 14) | 9_999, image.indexOf('VP8L') + 9);
    await expect(convert(image)).rejects.toThrow('exceeds pixel limit');
  });

  it('is one that breaks off', async () => {
    const image = await picture().avif().toBuffer();
    await expect(convert(image.subarray(0, -20), 'image/avif')).rejects.toThrow();
  });

  it.each<SampleType>(['image/png', 'image/jpeg', 'image/gif', 'image/tiff'])(
    'is one of a format that it was not asked for: %s',
    async (type) => {
      await expect(convert(sampleImage(type))).rejects.toThrow('unsupported image format');
    },
  );

  it('is a drawing, which could read files', async () => {
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>');
    await expect(convert(svg)).rejects.toThrow('unsupported image format');
  });
});

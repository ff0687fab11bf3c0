import type { Padding, SampleFormat } from './padding.ts';
import { sampleGif } from './sample-gif.ts';
import { sampleJpeg } from './sample-jpeg.ts';
import { sampleMp4 } from './sample-mp4.ts';
import { sampleApng, samplePng } from './sample-png.ts';
import { sampleTiff } from './sample-tiff.ts';
import { sampleWebp } from './sample-webp.ts';

/** A type that there are samples of. WebP is one that Imgur does not take. */
export type SampleType =
  | 'image/png'
  | 'image/jpeg'
  | 'image/gif'
  | 'image/apng'
  | 'image/tiff'
  | 'image/webp'
  | 'video/mp4';

/** How a sample is to be. */
export interface SampleOptions {
  /** Its size in bytes, reached with padding that the format allows. @default as small as it can be */
  readonly bytes?: number;
  /** What the padding is filled with, from 0: samples of one size with different seeds differ. @default 0 */
  readonly seed?: number;
}

const FORMATS: Readonly<Record<SampleType, SampleFormat>> = {
  'image/png': samplePng,
  'image/jpeg': sampleJpeg,
  'image/gif': sampleGif,
  'image/apng': sampleApng,
  'image/tiff': sampleTiff,
  'image/webp': sampleWebp,
  'video/mp4': sampleMp4,
};

/**
 * Makes a valid picture of one pixel, which ends with the proper trailer of its format and can be as large as wanted.
 * The one of `video/mp4` has the boxes of a file and no frames.
 * @throws RangeError when the format can not have that size: below its smallest, or in the few bytes above it that its
 *   smallest padding can not fill.
 */
export function sampleImage(type: SampleType, options: SampleOptions = {}): Uint8Array {
  const format = FORMATS[type];
  const smallest = format({ bytes: 0, fill: filledWith(0) });
  const { bytes = smallest.length, seed = 0 } = options;
  if (bytes === smallest.length) return Uint8Array.from(smallest);
  const image =
    bytes > smallest.length ? format({ bytes: bytes - smallest.length, fill: filledWith(seed) }) : smallest;
  if (image.length === bytes) return image;
  throw new RangeError(
    `a sample of ${type} can not have ${bytes} bytes; the smallest has ${smallest.length}`,
  );
}

/** The smallest sample of each type. */
export const sampleImages: Readonly<Record<SampleType, Uint8Array>> = {
  'image/png': sampleImage('image/png'),
  'image/jpeg': sampleImage('image/jpeg'),
  'image/gif': sampleImage('image/gif'),
  'image/apng': sampleImage('image/apng'),
  'image/tiff': sampleImage('image/tiff'),
  'image/webp': sampleImage('image/webp'),
  'video/mp4': sampleImage('video/mp4'),
};

/** The seed, in digits and over and over: no byte of it can be mistaken for a marker. */
function filledWith(seed: number): Padding['fill'] {
  return (bytes) => Buffer.alloc(bytes, `${seed} `);
}

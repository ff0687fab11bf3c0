import type { Padding } from './padding.ts';

const CHUNK_OVERHEAD = 8;

// The lossless bitstream of one pixel: signature, size, then five codes of one symbol each and nothing to decode.
const PIXEL = Buffer.from('2f00000000' + '88' + '88' + '08', 'hex');

/** A lossless WebP, padded with a chunk that readers skip. Its size is always even. */
export function sampleWebp({ bytes, fill }: Padding): Buffer {
  const padding = bytes < CHUNK_OVERHEAD ? Buffer.alloc(0) : chunk('FILL', fill(bytes - CHUNK_OVERHEAD));
  const file = Buffer.concat([Buffer.from('WEBP'), chunk('VP8L', PIXEL), padding]);
  return chunk('RIFF', file);
}

function chunk(type: string, data: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(data.length);
  return Buffer.concat([Buffer.from(type, 'latin1'), length, data, Buffer.alloc(data.length % 2)]);
}

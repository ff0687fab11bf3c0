import { crc32, deflateSync } from 'node:zlib';

import type { Padding } from './padding.ts';

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
const CHUNK_OVERHEAD = 12;
// One pixel, 8 bits a channel, RGB (PNG, third edition, §11.2.1).
const HEADER = Buffer.from('0000000100000001' + '08' + '02' + '000000', 'hex');
// A filter byte, then red, green and blue.
const PIXEL = deflateSync(Buffer.from([0, 0x1b, 0xb7, 0x6e]));

/** A PNG, padded with an ancillary chunk that readers skip. */
export function samplePng(padding: Padding): Buffer {
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', HEADER),
    paddingChunk(padding),
    chunk('IDAT', PIXEL),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A PNG with an animation of one frame. */
export function sampleApng(padding: Padding): Buffer {
  const oneFrameForEver = Buffer.from('00000001' + '00000000', 'hex');
  // Sequence number, width, height, offsets, a delay of 1/10 s, dispose and blend operations.
  const frame = Buffer.from(
    '00000000' + '0000000100000001' + '0000000000000000' + '0001000a' + '0000',
    'hex',
  );
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', HEADER),
    chunk('acTL', oneFrameForEver),
    paddingChunk(padding),
    chunk('fcTL', frame),
    chunk('IDAT', PIXEL),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Lower and upper case say: ancillary, private, safe to copy. */
function paddingChunk({ bytes, fill }: Padding): Buffer {
  return bytes < CHUNK_OVERHEAD ? Buffer.alloc(0) : chunk('fiLl', fill(bytes - CHUNK_OVERHEAD));
}

function chunk(type: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(typed));
  return Buffer.concat([length, typed, checksum]);
}

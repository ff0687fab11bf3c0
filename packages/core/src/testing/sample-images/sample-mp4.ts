import type { Padding } from './padding.ts';

const BOX_OVERHEAD = 8;

/** The boxes of an MP4 file without a frame in it, padded with a `free` box. */
export function sampleMp4({ bytes, fill }: Padding): Buffer {
  const brands = Buffer.concat([
    Buffer.from('isom'),
    Buffer.from('00000200', 'hex'),
    Buffer.from('isommp41'),
  ]);
  const padding = bytes < BOX_OVERHEAD ? [] : [box('free', fill(bytes - BOX_OVERHEAD))];
  return Buffer.concat([
    box('ftyp', brands),
    box('moov', movieHeader()),
    ...padding,
    box('mdat', Buffer.alloc(0)),
  ]);
}

/** `mvhd` of version 0 (ISO/IEC 14496-12, 8.2.2): a thousand units a second, no duration, no track. */
function movieHeader(): Buffer {
  const header = Buffer.alloc(100);
  header.writeUInt32BE(1000, 12);
  header.writeUInt32BE(0x0001_0000, 20);
  header.writeUInt16BE(0x0100, 24);
  for (const [at, value] of [
    [36, 0x0001_0000],
    [52, 0x0001_0000],
    [68, 0x4000_0000],
  ] as const) {
    header.writeUInt32BE(value, at);
  }
  header.writeUInt32BE(1, 96);
  return box('mvhd', header);
}

function box(type: string, data: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length + BOX_OVERHEAD);
  return Buffer.concat([length, Buffer.from(type, 'latin1'), data]);
}

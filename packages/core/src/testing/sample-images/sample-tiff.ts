import type { Padding } from './padding.ts';

const HEAD_BYTES = 8;
const SHORT = 3;
const LONG = 4;

/** A little-endian TIFF, padded between its header and its directory. Its last byte is its one pixel. */
export function sampleTiff({ bytes, fill }: Padding): Buffer {
  // A directory has to begin at an even place, so an odd byte goes before the pixel.
  const even = bytes - (bytes % 2);
  const directoryAt = HEAD_BYTES + even;
  const odd = fill(bytes % 2);
  const pixel = Buffer.from([0x80]);
  return Buffer.concat([head(directoryAt), fill(even), directory(directoryAt, odd.length), odd, pixel]);
}

function head(directoryAt: number): Buffer {
  const bytes = Buffer.from('49492a0000000000', 'hex');
  bytes.writeUInt32LE(directoryAt, 4);
  return bytes;
}

/** The fields of a grayscale image (TIFF 6.0, section 4), by number. */
function directory(at: number, gap: number): Buffer {
  const fields = (pixelAt: number): Buffer[] => [
    field(256, SHORT, 1), // width
    field(257, SHORT, 1), // height
    field(258, SHORT, 8), // bits per sample
    field(259, SHORT, 1), // not compressed
    field(262, SHORT, 1), // black is zero
    field(273, LONG, pixelAt),
    field(277, SHORT, 1), // samples per pixel
    field(278, SHORT, 1), // rows per strip
    field(279, LONG, 1), // bytes of the strip
  ];
  const count = Buffer.alloc(2);
  count.writeUInt16LE(fields(0).length);
  const noneAfter = Buffer.alloc(4);
  const length = count.length + 12 * fields(0).length + noneAfter.length;
  return Buffer.concat([count, ...fields(at + length + gap), noneAfter]);
}

function field(tag: number, type: number, value: number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt16LE(tag, 0);
  bytes.writeUInt16LE(type, 2);
  bytes.writeUInt32LE(1, 4);
  bytes.writeUInt32LE(value, 8);
  return bytes;
}

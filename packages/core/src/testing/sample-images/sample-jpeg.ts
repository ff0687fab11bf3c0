import type { Padding } from './padding.ts';

const SEGMENT_OVERHEAD = 4;
const MOST_IN_SEGMENT = SEGMENT_OVERHEAD + 0xffff - 2;

const START = Buffer.from('ffd8', 'hex');
const JFIF = segment(0xe0, Buffer.from('4a46494600' + '0101' + '00' + '00010001' + '0000', 'hex'));
const QUANTIZATION = segment(0xdb, Buffer.concat([Buffer.from([0]), Buffer.alloc(64, 1)]));
// Baseline, 8 bits, 1 × 1, one component: gray.
const FRAME = segment(0xc0, Buffer.from('08' + '00010001' + '01' + '011100', 'hex'));
// Two Huffman tables of one code each, a single 0: "no difference" and "end of block".
const DC_TABLE = segment(0xc4, Buffer.concat([Buffer.from([0x00, 1]), Buffer.alloc(16)]));
const AC_TABLE = segment(0xc4, Buffer.concat([Buffer.from([0x10, 1]), Buffer.alloc(16)]));
const SCAN = segment(0xda, Buffer.from('01' + '0100' + '003f00', 'hex'));
// Both codes, then ones up to the byte's end (ITU-T T.81, F.1.2.3).
const DATA = Buffer.from([0b0011_1111]);
const END = Buffer.from('ffd9', 'hex');

/** A baseline JPEG, padded with comments. */
export function sampleJpeg(padding: Padding): Buffer {
  const tables = [QUANTIZATION, FRAME, DC_TABLE, AC_TABLE];
  return Buffer.concat([START, JFIF, ...comments(padding), ...tables, SCAN, DATA, END]);
}

/** A comment holds at most 65,533 bytes, so a large padding takes many. */
function comments({ bytes, fill }: Padding): Buffer[] {
  const segments: Buffer[] = [];
  for (let left = bytes; left >= SEGMENT_OVERHEAD; ) {
    const size = sizeOfNext(left);
    segments.push(segment(0xfe, fill(size - SEGMENT_OVERHEAD)));
    left -= size;
  }
  return segments;
}

/** Never leaves a rest that is too short for a comment of its own. */
function sizeOfNext(left: number): number {
  if (left <= MOST_IN_SEGMENT) return left;
  return Math.min(MOST_IN_SEGMENT, left - SEGMENT_OVERHEAD);
}

function segment(marker: number, data: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(data.length + 2, 2);
  return Buffer.concat([head, data]);
}

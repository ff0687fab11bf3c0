import type { Padding } from './padding.ts';

const COMMENT_OVERHEAD = 3;
const MOST_IN_BLOCK = 256;

// 1 × 1, a table of two colours.
const HEAD = Buffer.from('474946383961' + '01000100' + '80' + '0000' + '1bb76e' + 'ffffff', 'hex');
// The frame, and its one pixel as LZW with codes of two bits.
const FRAME = Buffer.from('2c' + '00000000' + '01000100' + '00' + '02' + '024401' + '00', 'hex');
const TRAILER = Buffer.from('3b', 'hex');

/** A GIF, padded with a comment. */
export function sampleGif(padding: Padding): Buffer {
  return Buffer.concat([HEAD, ...comment(padding), FRAME, TRAILER]);
}

/** A comment is a row of blocks, each with its length before it, and an empty one at the end. */
function comment({ bytes, fill }: Padding): Buffer[] {
  if (bytes < COMMENT_OVERHEAD) return [];
  const pieces: Buffer[] = [Buffer.from('21fe', 'hex')];
  for (let left = bytes - COMMENT_OVERHEAD; left > 1; ) {
    const size = sizeOfNext(left);
    pieces.push(Buffer.from([size - 1]), fill(size - 1));
    left -= size;
  }
  return [...pieces, Buffer.from([0])];
}

/** Never leaves a rest of one byte, in which no block fits. */
function sizeOfNext(left: number): number {
  if (left <= MOST_IN_BLOCK) return left;
  return left === MOST_IN_BLOCK + 1 ? MOST_IN_BLOCK - 1 : MOST_IN_BLOCK;
}

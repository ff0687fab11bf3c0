import type { ByteCursor } from './byte-cursor.ts';

// Containers say how long their parts are, so one that was cut inside a part shows. One that was cut between two does
// not, and neither does one whose last part is said to last until the end.

/** MP4, QuickTime, AVIF, HEIC: boxes, each with its size before it (ISO/IEC 14496-12, section 4.2). */
export async function isoMediaEnds(cursor: ByteCursor): Promise<boolean> {
  while (!cursor.ended) {
    if (cursor.isTired) await cursor.rest();
    const bytes = cursor.number(4);
    cursor.skip(4);
    // 0 is said of a last box that lasts until the end, and what is smaller than its own head is no box.
    if (bytes !== 1 && bytes < 8) return !cursor.ranOut;
    cursor.skip(bytes === 1 ? cursor.number(8) - 16 : bytes - 8);
  }
  return !cursor.ranOut;
}

/** AVI and WebP: one chunk that holds all others. */
export async function riffEnds(cursor: ByteCursor): Promise<boolean> {
  cursor.skip(4);
  const size = [cursor.byte(), cursor.byte(), cursor.byte(), cursor.byte()];
  cursor.skip(size.reduceRight<number>((bytes, byte = 0) => bytes * 256 + byte, 0));
  return !cursor.ranOut;
}

/** WebM and Matroska: elements, each an id and a size of variable length (RFC 8794, sections 4 to 6). */
export async function ebmlEnds(cursor: ByteCursor): Promise<boolean> {
  while (!cursor.ended) {
    if (cursor.isTired) await cursor.rest();
    variableNumber(cursor);
    const bytes = variableNumber(cursor);
    // Of a live recording the size is unknown; what has no size is no element.
    if (bytes === undefined) return !cursor.ranOut;
    cursor.skip(bytes);
  }
  return !cursor.ranOut;
}

/** Zeros at its front say how many bytes follow the first; all ones is a number that is not known. */
function variableNumber(cursor: ByteCursor): number | undefined {
  const first = cursor.byte() ?? 0;
  const more = Math.clz32(first) - 24;
  if (more > 7) return undefined;
  const highest = 2 ** (7 - more);
  const value = (first - highest) * 256 ** more + cursor.number(more);
  return value === highest * 256 ** more - 1 ? undefined : value;
}

import { ByteCursor } from './byte-cursor.ts';
import { ebmlEnds, isoMediaEnds, riffEnds } from './container-end.ts';

/**
 * Tells whether an image has its own end: EOI of a JPEG, IEND of a PNG, the trailer of a GIF; of containers, as far as
 * their parts say how long they are. For bodies that came without a length, where a broken connection looks like the
 * end. The image is walked part by part, since the mark of a thumbnail inside it proves nothing; whatever follows the
 * mark is allowed. Other types (TIFF, BMP, FLV, MPEG, WMV) have no end that a walk would find, and pass.
 * An image can be made of nothing but parts, so the walk lets others have their turn now and then.
 */
export async function hasImageEnd(type: string, chunks: readonly Uint8Array[]): Promise<boolean> {
  const walk = walks[type];
  return walk === undefined || walk(new ByteCursor(chunks));
}

const walks: Readonly<Record<string, (cursor: ByteCursor) => Promise<boolean>>> = {
  'image/jpeg': jpegEnds,
  'image/png': pngEnds,
  'image/apng': pngEnds,
  'image/gif': gifEnds,
  'image/webp': riffEnds,
  'image/avif': isoMediaEnds,
  'image/heic': isoMediaEnds,
  'video/mp4': isoMediaEnds,
  'video/quicktime': isoMediaEnds,
  'video/3gpp': isoMediaEnds,
  'video/webm': ebmlEnds,
  'video/x-matroska': ebmlEnds,
  'video/x-msvideo': riffEnds,
};

/** Markers without a length: TEM, RST0 to RST7, SOI (ITU-T T.81, table B.1). 0 is a stuffed FF of the data. */
const isBareMarker = (marker: number) => marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd8);

async function jpegEnds(cursor: ByteCursor): Promise<boolean> {
  for (;;) {
    cursor.skipTo(0xff);
    let marker = cursor.byte();
    do {
      if (cursor.isTired) await cursor.rest();
      if (marker === 0xff) marker = cursor.byte();
    } while (marker === 0xff);
    if (marker === undefined) return false;
    if (marker === 0xd9) return true;
    if (!isBareMarker(marker)) cursor.skip(cursor.number(2) - 2);
  }
}

async function pngEnds(cursor: ByteCursor): Promise<boolean> {
  cursor.skip(8);
  while (!cursor.ended) {
    if (cursor.isTired) await cursor.rest();
    const length = cursor.number(4);
    const isLast = cursor.number(4) === 0x49454e44;
    cursor.skip(length + 4);
    if (isLast) return !cursor.ranOut;
  }
  return false;
}

async function gifEnds(cursor: ByteCursor): Promise<boolean> {
  cursor.skip(10);
  cursor.skip(2 + colourTableBytes(cursor.byte()));
  for (;;) {
    if (cursor.isTired) await cursor.rest();
    const block = cursor.byte();
    if (block === 0x3b) return true;
    if (block === 0x21) cursor.skip(1);
    else if (block === 0x2c) {
      cursor.skip(8);
      cursor.skip(colourTableBytes(cursor.byte()) + 1);
    } else return false;
    await skipSubBlocks(cursor);
  }
}

function colourTableBytes(flags = 0): number {
  return flags & 0x80 ? 3 * 2 ** ((flags & 0x07) + 1) : 0;
}

async function skipSubBlocks(cursor: ByteCursor): Promise<void> {
  for (let length = cursor.byte(); length !== undefined && length > 0; length = cursor.byte()) {
    if (cursor.isTired) await cursor.rest();
    cursor.skip(length);
  }
}

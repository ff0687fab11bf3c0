/** Width and height in pixels, where a header near the beginning tells them; `undefined` elsewhere. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** Reads the size of a PNG, GIF or JPEG from its first bytes. */
export function imageSizeOf(type: string, head: Buffer): ImageSize | undefined {
  if (type === 'image/png' || type === 'image/apng') return pngSize(head);
  if (type === 'image/gif') return gifSize(head);
  if (type === 'image/jpeg') return jpegSize(head);
  return undefined;
}

function pngSize(head: Buffer): ImageSize | undefined {
  if (head.length < 24) return undefined;
  return { width: head.readUInt32BE(16), height: head.readUInt32BE(20) };
}

function gifSize(head: Buffer): ImageSize | undefined {
  if (head.length < 10) return undefined;
  return { width: head.readUInt16LE(6), height: head.readUInt16LE(8) };
}

/** Walks from segment to segment to the start of the frame. */
function jpegSize(head: Buffer): ImageSize | undefined {
  for (let at = 2; at + 9 <= head.length; at += 2 + head.readUInt16BE(at + 2)) {
    if (head[at] !== 0xff) return undefined;
    if (isStartOfFrame(head.readUInt8(at + 1))) {
      return { width: head.readUInt16BE(at + 7), height: head.readUInt16BE(at + 5) };
    }
  }
  return undefined;
}

/** SOF0 to SOF15, without the three markers between them that are tables. */
function isStartOfFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}

import { TransferError } from '../../transfer-error.ts';

/** Width and height in pixels. */
export interface Dimensions {
  readonly width: number;
  readonly height: number;
}

/** So many bytes of the image, from a place on. */
export interface Place {
  readonly at: number;
  readonly bytes: number;
}

/**
 * Asks for one place after the other, is given its bytes, or `undefined` where they are too far away or not there, and
 * ends with the dimensions. The first bytes of most images hold all that is asked for, so nothing here waits.
 */
export type DimensionReader = Generator<Place, Dimensions | undefined, Buffer | undefined>;

/**
 * Reads the dimensions that an image says it has in its header, without decoding anything; `undefined` when its type
 * has none that are easily found, or says nothing that can be relied on. Of an animation it is the canvas: neither the
 * number of its frames nor their sizes are looked at, nor are further pages of a TIFF.
 */
export function dimensionReader(type: string): DimensionReader | undefined {
  return readers[type]?.();
}

/**
 * Refuses an image that would be a burden to whoever decodes it, however few bytes it has.
 * @throws TransferError
 */
export function checkDimensions({ width, height }: Dimensions, maxPixels: number): void {
  if (width > 0 && height > 0 && width * height <= maxPixels) return;
  throw new TransferError(
    'dimensions',
    `the image says that it has ${width} × ${height} pixels; ${maxPixels} in all are the most that are taken`,
  );
}

const readers: Readonly<Record<string, () => DimensionReader>> = {
  'image/jpeg': ofJpeg,
  'image/png': ofPng,
  'image/apng': ofPng,
  'image/gif': ofGif,
  'image/tiff': ofTiff,
  'image/webp': ofWebp,
  'image/bmp': ofBitmap,
};

/** IHDR comes first (PNG, third edition, section 11.2.1). A size of 0 is invalid there, and kept for who judges it. */
function* ofPng(): DimensionReader {
  const head = yield { at: 12, bytes: 12 };
  if (head?.toString('latin1', 0, 4) !== 'IHDR') return undefined;
  return { width: head.readUInt32BE(4), height: head.readUInt32BE(8) };
}

/** The logical screen. Browsers go by the first frame where it is empty. */
function* ofGif(): DimensionReader {
  const screen = yield { at: 6, bytes: 4 };
  return screen && unlessEmpty({ width: screen.readUInt16LE(0), height: screen.readUInt16LE(2) });
}

/** More segments than this stand before no frame that a camera or a program wrote. */
const mostSegments = 1_000;

/** The first frame header, which EXIF and colour profiles push back (ITU-T T.81, section B.2.2). */
function* ofJpeg(): DimensionReader {
  let at = 2;
  for (let count = 0; count < mostSegments; count += 1) {
    const segment = yield { at, bytes: 9 };
    if (segment?.[0] !== 0xff) return undefined;
    const marker = segment[1] ?? 0;
    if (isFrame(marker)) return ofFrame(segment);
    if (marker === 0xff) at += 1;
    else if (marker >= 0xd8 && marker <= 0xda) return undefined;
    else at += isBare(marker) ? 2 : 2 + segment.readUInt16BE(2);
  }
  return undefined;
}

/** SOF0 to SOF15, without DHT, JPG and DAC, which stand between them. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

function isBare(marker: number): boolean {
  return marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd7);
}

/** A height of 0 comes after the first scan (DNL); a width of 0 is invalid. */
function ofFrame(segment: Buffer): Dimensions | undefined {
  const size = { width: segment.readUInt16BE(7), height: segment.readUInt16BE(5) };
  return size.height === 0 && size.width !== 0 ? undefined : size;
}

/** How a TIFF and a BigTIFF lay out their first directory. */
const tiffLayouts = {
  classic: { offsetAt: 4, offsetBytes: 4, countBytes: 2, entryBytes: 12, valueAt: 8 },
  big: { offsetAt: 8, offsetBytes: 8, countBytes: 8, entryBytes: 20, valueAt: 12 },
} as const;

const mostFields = 1_000;

/** The fields ImageWidth and ImageLength of the first directory, which may stand anywhere (TIFF 6.0, section 2). */
function* ofTiff(): DimensionReader {
  const head = yield { at: 0, bytes: 16 };
  if (head === undefined) return undefined;
  const order = head[0] === 0x49 ? 'little' : 'big';
  const number = (bytes: Buffer, at: number, length: number): number => numberOf(bytes, at, length, order);
  const layout = number(head, 2, 2) === 42 ? tiffLayouts.classic : tiffLayouts.big;
  const directoryAt = number(head, layout.offsetAt, layout.offsetBytes);
  const counted = yield { at: directoryAt, bytes: layout.countBytes };
  const count = counted === undefined ? 0 : number(counted, 0, layout.countBytes);
  if (count > mostFields) return undefined;
  const fields = yield { at: directoryAt + layout.countBytes, bytes: count * layout.entryBytes };
  if (fields === undefined) return undefined;
  const size = { width: 0, height: 0 };
  for (let at = 0; at < fields.length; at += layout.entryBytes) {
    const tag = number(fields, at, 2);
    const length = tiffNumberBytes[number(fields, at + 2, 2)];
    if (length === undefined) continue;
    if (tag === 256) size.width = number(fields, at + layout.valueAt, length);
    if (tag === 257) size.height = number(fields, at + layout.valueAt, length);
  }
  return unlessEmpty(size);
}

/** SHORT, LONG and LONG8, which fits its field in a BigTIFF only. */
const tiffNumberBytes: Readonly<Record<number, number>> = { 3: 2, 4: 4, 16: 8 };

function numberOf(bytes: Buffer, at: number, length: number, order: 'little' | 'big'): number {
  if (at + length > bytes.length) return 0;
  if (length === 8) {
    const [low, high] = order === 'little' ? [at, at + 4] : [at + 4, at];
    return numberOf(bytes, high, 4, order) * 2 ** 32 + numberOf(bytes, low, 4, order);
  }
  return order === 'little' ? bytes.readUIntLE(at, length) : bytes.readUIntBE(at, length);
}

/** The canvas of an extended file, else the frame (RFC 9649, sections 2.5 to 2.7). */
function* ofWebp(): DimensionReader {
  const head = yield { at: 12, bytes: 13 };
  const form = head?.toString('latin1', 0, 4);
  if (head !== undefined && form === 'VP8L') {
    const bits = head.readUInt32LE(9);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  const size = yield { at: 24, bytes: 6 };
  if (size !== undefined && form === 'VP8X')
    return { width: size.readUIntLE(0, 3) + 1, height: size.readUIntLE(3, 3) + 1 };
  if (size !== undefined && form === 'VP8 ')
    return unlessEmpty({ width: size.readUInt16LE(2) & 0x3fff, height: size.readUInt16LE(4) & 0x3fff });
  return undefined;
}

/** A height below 0 says that the rows are stored from top to bottom. */
function* ofBitmap(): DimensionReader {
  const head = yield { at: 14, bytes: 12 };
  if (head === undefined) return undefined;
  return unlessEmpty(
    head.readUInt32LE(0) === 12
      ? { width: head.readUInt16LE(4), height: head.readUInt16LE(6) }
      : { width: Math.abs(head.readInt32LE(4)), height: Math.abs(head.readInt32LE(8)) },
  );
}

function unlessEmpty(size: Dimensions): Dimensions | undefined {
  return size.width === 0 || size.height === 0 ? undefined : size;
}

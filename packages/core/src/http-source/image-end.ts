import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * Tells whether an image has its own end: EOI of a JPEG, IEND of a PNG, the trailer of a GIF. For bodies that came
 * without a length, where a broken connection looks like the end. The image is walked part by part, since the mark of
 * a thumbnail inside it proves nothing; whatever follows the mark is allowed. Other types have no mark and pass.
 * An image can be made of nothing but parts, so the walk lets others have their turn now and then.
 */
export async function hasImageEnd(type: string, chunks: readonly Uint8Array[]): Promise<boolean> {
  const walk = walks[type];
  return walk === undefined || walk(new Cursor(chunks));
}

const walks: Readonly<Record<string, (cursor: Cursor) => Promise<boolean>>> = {
  'image/jpeg': jpegEnds,
  'image/png': pngEnds,
  'image/apng': pngEnds,
  'image/gif': gifEnds,
};

/** Markers without a length: TEM, RST0 to RST7, SOI (ITU-T T.81, table B.1). 0 is a stuffed FF of the data. */
const isBareMarker = (marker: number) => marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd8);

async function jpegEnds(cursor: Cursor): Promise<boolean> {
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

async function pngEnds(cursor: Cursor): Promise<boolean> {
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

async function gifEnds(cursor: Cursor): Promise<boolean> {
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

async function skipSubBlocks(cursor: Cursor): Promise<void> {
  for (let length = cursor.byte(); length !== undefined && length > 0; length = cursor.byte()) {
    if (cursor.isTired) await cursor.rest();
    cursor.skip(length);
  }
}

/** About a millisecond's worth. */
const stepsInOneTurn = 20_000;

/** Reads bytes one after another across chunks. */
class Cursor {
  /** More was asked for than there is. */
  ranOut = false;
  readonly #chunks: readonly Uint8Array[];
  #index = 0;
  #at = 0;
  #steps = 0;

  constructor(chunks: readonly Uint8Array[]) {
    this.#chunks = chunks;
  }

  get ended(): boolean {
    return this.#chunk() === undefined;
  }

  /** It has gone as many steps as one turn of the event loop may take. */
  get isTired(): boolean {
    return this.#steps >= stepsInOneTurn;
  }

  async rest(): Promise<void> {
    this.#steps = 0;
    await nextTurn();
  }

  byte(): number | undefined {
    this.#steps += 1;
    const byte = this.#chunk()?.[this.#at];
    if (byte === undefined) this.ranOut = true;
    this.#at += 1;
    return byte;
  }

  /** A big-endian number; bytes that are not there count as 0. */
  number(bytes: number): number {
    let value = 0;
    for (let count = 0; count < bytes; count += 1) value = value * 256 + (this.byte() ?? 0);
    return value;
  }

  skip(bytes: number): void {
    let left = Math.max(0, bytes);
    for (let chunk = this.#chunk(); chunk !== undefined && left > 0; chunk = this.#chunk()) {
      const step = Math.min(left, chunk.length - this.#at);
      this.#at += step;
      left -= step;
    }
    if (left > 0) this.ranOut = true;
  }

  /** Goes behind the next byte of this value, or to the end. */
  skipTo(value: number): void {
    for (let chunk = this.#chunk(); chunk !== undefined; chunk = this.#chunk()) {
      const found = chunk.indexOf(value, this.#at);
      this.#at = found === -1 ? chunk.length : found + 1;
      if (found !== -1) return;
    }
  }

  #chunk(): Uint8Array | undefined {
    let chunk = this.#chunks[this.#index];
    while (chunk !== undefined && this.#at >= chunk.length) {
      this.#at -= chunk.length;
      this.#index += 1;
      chunk = this.#chunks[this.#index];
    }
    return chunk;
  }
}

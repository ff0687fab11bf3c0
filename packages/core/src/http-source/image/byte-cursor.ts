import { setImmediate as nextTurn } from 'node:timers/promises';

/** About a millisecond's worth. */
const stepsInOneTurn = 20_000;

/** Reads bytes one after another across chunks. */
export class ByteCursor {
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

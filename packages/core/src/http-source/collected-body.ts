import type { HttpExchange } from './http-exchange.ts';

/** Chunks smaller than this are put together: a thousand of one byte would weigh more than a hundred times theirs. */
const smallChunkBytes = 4_096;
const blockBytes = 16_384;
const noBlock = new Uint8Array(0);

/** The part of a body that has been read and is held. */
export class CollectedBody {
  bytes = 0;
  /** The exchange has nothing more. */
  ended = false;
  readonly #chunks: Uint8Array[] = [];
  #block: Uint8Array = noBlock;
  #blockStart = 0;
  #blockEnd = 0;

  /**
   * Takes what has come, until at least so many bytes are here. `false` when more has to be waited for, which most
   * bodies never need: what little they have comes with their headers.
   * @throws what the exchange has failed with
   */
  takeTo(bytes: number, exchange: HttpExchange): boolean {
    while (!this.ended && this.bytes < bytes) {
      const chunk = exchange.take();
      if (chunk !== undefined) this.#add(chunk);
      else if (exchange.ended) this.ended = true;
      else return false;
    }
    return true;
  }

  /** Reads until the body ends or at least so many bytes are here. Rejects with what the exchange has failed with. */
  async readTo(bytes: number, exchange: HttpExchange): Promise<void> {
    while (!this.takeTo(bytes, exchange)) await exchange.more();
  }

  /** What has been read, in order. */
  chunks(): readonly Uint8Array[] {
    this.#closeBlock();
    return this.#chunks;
  }

  /** The first bytes in one piece: so many, or as many as there are. */
  head(bytes: number): Uint8Array {
    const chunks = this.chunks();
    const [first] = chunks;
    if (first !== undefined && (first.length >= bytes || chunks.length === 1))
      return first.subarray(0, bytes);
    return Buffer.concat(chunks, Math.min(bytes, this.bytes));
  }

  /** A few bytes from a place on; `undefined` when not all of them have been read. */
  slice(at: number, bytes: number): Buffer | undefined {
    if (at + bytes > this.bytes) return undefined;
    const parts: Uint8Array[] = [];
    let from = at;
    for (const chunk of this.chunks()) {
      if (from >= 0 && from + bytes <= chunk.length) return view(chunk, from, bytes);
      if (from < chunk.length) parts.push(chunk.subarray(Math.max(0, from), from + bytes));
      from -= chunk.length;
      if (from + bytes <= 0) break;
    }
    return Buffer.concat(parts, bytes);
  }

  #add(chunk: Uint8Array): void {
    this.bytes += chunk.length;
    if (chunk.length >= smallChunkBytes) {
      this.#closeBlock();
      this.#chunks.push(ownBytes(chunk));
    } else this.#copy(chunk);
  }

  #copy(chunk: Uint8Array): void {
    if (this.#blockEnd + chunk.length > this.#block.length) {
      this.#closeBlock();
      this.#block = Buffer.allocUnsafeSlow(blockBytes);
      this.#blockStart = 0;
      this.#blockEnd = 0;
    }
    this.#block.set(chunk, this.#blockEnd);
    this.#blockEnd += chunk.length;
  }

  #closeBlock(): void {
    if (this.#blockEnd > this.#blockStart)
      this.#chunks.push(this.#block.subarray(this.#blockStart, this.#blockEnd));
    this.#blockStart = this.#blockEnd;
  }
}

function view({ buffer, byteOffset }: Uint8Array, at: number, bytes: number): Buffer {
  return Buffer.from(buffer, byteOffset + at, bytes);
}

/** A view keeps all of the buffer behind it, and a source can see to it that this is many times the view. */
function ownBytes(chunk: Uint8Array): Uint8Array {
  return chunk.length * 2 < chunk.buffer.byteLength ? new Uint8Array(chunk) : chunk;
}

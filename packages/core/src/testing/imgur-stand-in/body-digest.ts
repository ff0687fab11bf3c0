import { createHash } from 'node:crypto';

const HEAD_BYTES = 4096;

/** What is kept of a body that passes by: its first bytes, its length, its digest. */
export class BodyDigest {
  readonly #hash = createHash('sha256');
  readonly #head: Buffer[] = [];
  bytes = 0;

  write(chunk: Buffer): void {
    const missing = HEAD_BYTES - this.bytes;
    // Copied, or the chunk would stay in memory with it.
    if (missing > 0) this.#head.push(Buffer.from(chunk.subarray(0, missing)));
    this.#hash.update(chunk);
    this.bytes += chunk.length;
  }

  /** The first 4 KiB, or all there was. */
  get head(): Buffer {
    return Buffer.concat(this.#head);
  }

  /** The SHA-256 of everything, in hexadecimal; to be asked for once, at the end. */
  sha256(): string {
    return this.#hash.digest('hex');
  }
}

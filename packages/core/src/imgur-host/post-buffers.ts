/** The smallest that is made; each size is twice the one before. */
const smallestBytes = 64 * 1024;
/** So much waits to be used again at most. */
const mostFreeBytes = 32 * 1024 * 1024;

/**
 * Memory that images are posted from, used again. A buffer for each would be freed by the garbage collector only, and
 * V8 marks the whole heap for every 64 MB of them: at 50 KB each that took a quarter of the CPU of a worker on Redis,
 * and half of one in memory.
 */
export class PostBuffers {
  /** By size, the last that was given back first: it may still be in the processor's cache. */
  readonly #free = new Map<number, Buffer[]>();
  #freeBytes = 0;

  /** One of at least so many bytes, with anything in it. */
  take(bytes: number): Buffer {
    const size = sizeFor(bytes);
    const again = this.#free.get(size)?.pop();
    if (again === undefined) return Buffer.allocUnsafeSlow(size);
    this.#freeBytes -= size;
    return again;
  }

  /** For one that nobody reads any more, neither here nor in the system. */
  giveBack(buffer: Buffer): void {
    if (this.#freeBytes + buffer.length > mostFreeBytes) return;
    const free = this.#free.get(buffer.length) ?? [];
    free.push(buffer);
    this.#free.set(buffer.length, free);
    this.#freeBytes += buffer.length;
  }
}

function sizeFor(bytes: number): number {
  let size = smallestBytes;
  while (size < bytes) size *= 2;
  return size;
}

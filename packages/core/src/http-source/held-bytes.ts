/** Bytes that may be held, until they are given back. */
export interface Reservation {
  /** Gives back what is not needed after all. */
  shrinkTo(bytes: number): void;
  /** Gives everything back. Doing it twice is doing it once. */
  release(): void;
}

interface Waiting {
  readonly bytes: number;
  readonly grant: () => void;
  readonly refuse: (reason: unknown) => void;
}

/**
 * The byte budget for bodies that have to be held in memory. A body reserves all it may need at once, before it is
 * read on, so that bodies cannot wait for one another half read. First come, first served: a small one that would
 * fit does not overtake a large one.
 */
export class HeldBytes {
  #freeBytes: number;
  readonly #queue = new Set<Waiting>();

  constructor(maxBytes: number) {
    this.#freeBytes = maxBytes;
  }

  /** Waits for bytes, no more than there are in all. Rejects with the signal's reason when it aborts. */
  async reserve(bytes: number, signal: AbortSignal): Promise<Reservation> {
    signal.throwIfAborted();
    await this.#turn(bytes, signal);
    return this.#reservation(bytes);
  }

  /** Refuses everyone who waits. */
  close(reason: unknown): void {
    for (const waiting of [...this.#queue]) waiting.refuse(reason);
  }

  #turn(bytes: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#queue.delete(waiting);
        signal.removeEventListener('abort', abort);
      };
      const waiting: Waiting = {
        bytes,
        grant: () => {
          leave();
          this.#freeBytes -= bytes;
          resolve();
        },
        refuse: (reason) => {
          leave();
          reject(reason);
          this.#serve();
        },
      };
      const abort = () => waiting.refuse(signal.reason);
      signal.addEventListener('abort', abort);
      this.#queue.add(waiting);
      this.#serve();
    });
  }

  #serve(): void {
    for (const waiting of this.#queue) {
      if (waiting.bytes > this.#freeBytes) return;
      waiting.grant();
    }
  }

  #reservation(bytes: number): Reservation {
    let reservedBytes = bytes;
    const shrinkTo = (keptBytes: number) => {
      if (keptBytes >= reservedBytes) return;
      this.#freeBytes += reservedBytes - keptBytes;
      reservedBytes = keptBytes;
      this.#serve();
    };
    return { shrinkTo, release: () => shrinkTo(0) };
  }
}

import { TransferError } from '../transfer-error.ts';

/** So many wait for as long as it takes: each of them holds a slot meanwhile. */
const mostWaiting = 2;
/** Who comes after them waits so long to move up, and is sent away. */
const patienceMs = 1_000;
/** For how long bytes are taken to be held before anyone has waited for them. */
const firstGuessMs = 2_000;
const longestReturnMs = 60_000;

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
 * fit does not overtake a large one. Who is not among the first of those who wait is told when to come back.
 */
export class HeldBytes {
  #freeBytes: number;
  readonly #queue = new Set<Waiting>();
  #lastGrantAt = performance.now();
  /** How long the first of those who wait does so. */
  #averageMs = firstGuessMs;
  /** When the last of those who were sent away comes back. */
  #lastReturnAt = 0;

  constructor(maxBytes: number) {
    this.#freeBytes = maxBytes;
  }

  /**
   * Waits for bytes, no more than there are in all. Rejects with the signal's reason when it aborts.
   * @throws TransferError `source_busy` when too many wait already.
   */
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
        clearTimeout(timer);
      };
      const waiting: Waiting = {
        bytes,
        grant: () => {
          leave();
          this.#freeBytes -= bytes;
          this.#granted();
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
      const timer = setTimeout(() => {
        if ([...this.#queue].indexOf(waiting) >= mostWaiting) waiting.refuse(this.#away());
      }, patienceMs);
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

  #granted(): void {
    const now = performance.now();
    // While some wait, bytes come free at the pace at which they are held.
    if (this.#queue.size > 0) this.#averageMs += (now - this.#lastGrantAt - this.#averageMs) / 8;
    this.#lastGrantAt = now;
  }

  /**
   * Those who are sent away come back one after another, at twice the pace at which bytes come free, since each has
   * read the begin of its body in vain.
   */
  #away(): TransferError {
    const now = performance.now();
    const heldMs = Math.max(this.#averageMs, now - this.#lastGrantAt);
    this.#lastReturnAt = Math.min(Math.max(this.#lastReturnAt, now) + heldMs / 2, now + longestReturnMs);
    return new TransferError('source_busy', 'other images without a length are being held', {
      retryAfterMs: Math.ceil(Math.max(this.#lastReturnAt - now, patienceMs)),
    });
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

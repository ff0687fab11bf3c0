/** So many keys are told from one another; with one more the one that took longest ago begins anew. */
const mostKeys = 10_000;

interface Bucket {
  readonly left: number;
  readonly at: number;
}

/** How much each key may take at once, and how soon it may take more. */
export interface BucketSize {
  readonly most: number;
  /** After so many milliseconds there is one more. */
  readonly everyMs: number;
}

/**
 * A bucket of tokens for each key, full at first. What is kept is bounded, and no key pays for what another took, however
 * many there are.
 */
export class Buckets {
  /** The one that took longest ago first. */
  readonly #buckets = new Map<string, Bucket>();
  readonly #size: BucketSize;
  readonly #now: () => number;

  constructor(size: BucketSize, now: () => number) {
    this.#size = size;
    this.#now = now;
  }

  /** In how many milliseconds there is one to take; 0 is now. */
  waitMs(key: string): number {
    const { left } = this.#bucket(key);
    return left >= 1 ? 0 : Math.ceil((1 - left) * this.#size.everyMs);
  }

  /** Takes one. Answers whether that was the last. */
  take(key: string): boolean {
    const { left, at } = this.#bucket(key);
    const rest = Math.max(0, left - 1);
    this.#buckets.delete(key);
    this.#buckets.set(key, { left: rest, at });
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > mostKeys && oldest !== undefined) this.#buckets.delete(oldest);
    return rest < 1;
  }

  /** Of how many keys something is kept. */
  get size(): number {
    return this.#buckets.size;
  }

  /** What is in a bucket by now. */
  #bucket(key: string): Bucket {
    const now = this.#now();
    const { most, everyMs } = this.#size;
    const { left, at } = this.#buckets.get(key) ?? { left: most, at: now };
    return { left: Math.min(most, left + (now - at) / everyMs), at: now };
  }
}

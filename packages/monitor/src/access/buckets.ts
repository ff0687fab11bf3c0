/** So many keys are told from one another; all others share one bucket. */
const mostKeys = 10_000;
const allOthers = '';

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

/** A bucket of tokens for each key, full at first. What is kept is bounded: a flood of keys shares one bucket. */
export class Buckets {
  readonly #buckets = new Map<string, Bucket>();
  readonly #size: BucketSize;
  readonly #now: () => number;
  #sweptAt = Number.NEGATIVE_INFINITY;

  constructor(size: BucketSize, now: () => number) {
    this.#size = size;
    this.#now = now;
  }

  /** In how many milliseconds there is one to take; 0 is now. */
  waitMs(key: string): number {
    const { left } = this.#bucket(this.#placeOf(key));
    return left >= 1 ? 0 : Math.ceil((1 - left) * this.#size.everyMs);
  }

  /** Takes one. Answers whether that was the last. */
  take(key: string): boolean {
    if (this.#buckets.size >= mostKeys) this.#sweep();
    const place = this.#placeOf(key);
    const { left, at } = this.#bucket(place);
    const rest = Math.max(0, left - 1);
    this.#buckets.set(place, { left: rest, at });
    return rest < 1;
  }

  /** Of how many keys something is kept. */
  get size(): number {
    return this.#buckets.size;
  }

  #placeOf(key: string): string {
    return this.#buckets.has(key) || this.#buckets.size < mostKeys ? key : allOthers;
  }

  /** What is in a bucket by now. */
  #bucket(place: string): Bucket {
    const now = this.#now();
    const { most, everyMs } = this.#size;
    const { left, at } = this.#buckets.get(place) ?? { left: most, at: now };
    return { left: Math.min(most, left + (now - at) / everyMs), at: now };
  }

  /** Forgets the full ones. No more often than one can have become full, for a flood would have us do nothing else. */
  #sweep(): void {
    const now = this.#now();
    if (now - this.#sweptAt < this.#size.everyMs) return;
    this.#sweptAt = now;
    for (const place of this.#buckets.keys())
      if (this.#bucket(place).left >= this.#size.most) this.#buckets.delete(place);
  }
}

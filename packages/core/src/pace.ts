/**
 * What will begin within so long is claimed ahead, and what ends within so long is told in one call. Where uploads end
 * fast, claims and outcomes then share calls, and no slot waits for one. Where they take their time this comes to nothing,
 * and no upload waits here for a slot that it could have elsewhere.
 */
export const aheadMs = 5;

/** Over so long the pace is averaged. */
const memoryMs = 100;

/** How fast uploads end here, of late. */
export class Pace {
  /** Uploads a millisecond, as it was at `#at`. */
  #rate = 0;
  /** By `performance.now()`. */
  #at = 0;

  /** One has ended. */
  ended(): void {
    this.#rate = this.#now() + 1 / memoryMs;
  }

  /** How many will end in so long, if it goes on like this. */
  within(ms: number): number {
    return Math.floor(this.#now() * ms);
  }

  /** What lies back counts less and less, so that a pace that is over is soon forgotten. */
  #now(): number {
    const now = performance.now();
    this.#rate *= Math.exp((this.#at - now) / memoryMs);
    this.#at = now;
    return this.#rate;
  }
}

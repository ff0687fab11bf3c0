/**
 * What ends within so long is told in one call, and what will begin within so long is claimed ahead. Where uploads end
 * fast, claims and outcomes then share calls, and no slot waits for one. Where they take their time this comes to nothing,
 * and no upload waits here for a slot that it could have elsewhere.
 */
export const togetherMs = 5;

/** Where a claim takes longer to be answered, what begins meanwhile is claimed ahead, and as much again; but no more than this. */
const longestAheadMs = 100;
/** Of so many claims the time is averaged. */
const claimsInMind = 8;

/** Over so long the pace is averaged. */
const memoryMs = 100;

/** How fast uploads end here, of late. */
export class Pace {
  /** Uploads a millisecond, as it was at `#at`. */
  #rate = 0;
  /** By `performance.now()`. */
  #at = 0;
  /** How long a claim takes to be answered. */
  #claimMs = 0;

  /** One has ended. */
  ended(): void {
    this.#rate = this.#now() + 1 / memoryMs;
  }

  /** A claim was answered after so many milliseconds, with uploads or without. */
  claimed(tookMs: number): void {
    this.#claimMs += (tookMs - this.#claimMs) / claimsInMind;
  }

  /** How many uploads to claim ahead, so that no slot waits for a claim. */
  get ahead(): number {
    return this.within(Math.min(Math.max(togetherMs, 2 * this.#claimMs), longestAheadMs));
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

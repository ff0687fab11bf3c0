/** So often a slot may end its rest, in the long run. */
const paceMs = 20;
/** However many slots there are. */
const longestRestMs = 1_000;
/** One upload that ran makes up for so many whose source was busy. */
const worthOfOne = 2;

/**
 * Slots that rest before they are filled again. Where a worker finds little else than uploads whose sources are busy,
 * it would claim them and hand them back as fast as the store can. As long as it finds others among them no slot rests.
 */
export class SlotRests {
  readonly #onEnd: () => void;
  /** Oldest first. */
  readonly #timers = new Set<NodeJS.Timeout>();
  /** When the last of them ends, by `performance.now()`. */
  #lastEndAt = 0;
  /** How many were busy beyond what others have made up for. */
  #inVain = 0;

  /** @param onEnd Called when a slot has rested. */
  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
  }

  /** How many slots rest. */
  get size(): number {
    return this.#timers.size;
  }

  /** An upload has left its slot, whose source was busy. After as many as there are slots, this one rests. */
  busy(slots: number): void {
    if (this.#inVain < slots) this.#inVain += 1;
    else this.#rest();
  }

  /** An upload has left its slot that ran. */
  ran(): void {
    this.#inVain = Math.max(this.#inVain - worthOfOne, 0);
    for (const timer of [...this.#timers].slice(0, worthOfOne)) this.#end(timer);
  }

  /** Ends every rest. */
  clear(): void {
    for (const timer of this.#timers) this.#end(timer);
  }

  #rest(): void {
    const now = performance.now();
    this.#lastEndAt = Math.min(Math.max(this.#lastEndAt, now) + paceMs, now + longestRestMs);
    const timer = setTimeout(() => {
      this.#end(timer);
      this.#onEnd();
    }, this.#lastEndAt - now);
    this.#timers.add(timer);
  }

  #end(timer: NodeJS.Timeout): void {
    clearTimeout(timer);
    this.#timers.delete(timer);
  }
}

const firstMs = 60_000;
const longestMs = 3_600_000;

/**
 * For how long Imgur is left alone when it is over capacity: a minute, and twice as long each time that the probe
 * after the pause is turned away too, up to an hour, in which such blocks have been seen to clear.
 */
export class OverloadPause {
  #forMs = 0;
  #untilMs = 0;

  /** How long a pause would be that began now. Uploads that were already on their way do not make it longer. */
  at(nowMs: number): number {
    if (nowMs < this.#untilMs) return this.#forMs;
    return Math.min(longestMs, Math.max(firstMs, this.#forMs * 2));
  }

  /** Imgur was over capacity. */
  began(nowMs: number): void {
    if (nowMs < this.#untilMs) return;
    this.#forMs = this.at(nowMs);
    this.#untilMs = nowMs + this.#forMs;
  }

  /** Imgur took an image. */
  ended(): void {
    this.#forMs = 0;
    this.#untilMs = 0;
  }
}

/**
 * For how long Imgur is left alone: shortly at first, and twice as long each time that the probe after the pause is
 * turned away too, up to a longest.
 */
export class GrowingPause {
  readonly #firstMs: number;
  readonly #longestMs: number;
  #forMs = 0;
  #untilMs = 0;

  constructor(firstMs: number, longestMs: number) {
    this.#firstMs = firstMs;
    this.#longestMs = longestMs;
  }

  /** How long a pause would be that began now. Uploads that were already on their way do not make it longer. */
  at(nowMs: number): number {
    if (nowMs < this.#untilMs) return this.#forMs;
    return Math.min(this.#longestMs, Math.max(this.#firstMs, this.#forMs * 2));
  }

  /** Imgur turned an upload away. */
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

const everyMs = 1;

/** Watches for how long this process came to nothing else, in milliseconds. */
export class LoopHold {
  #lastAt = performance.now();
  #worstMs = 0;
  readonly #timer = setInterval(() => this.#look(), everyMs);

  /** Ends the watch and answers the longest. */
  stop(): number {
    clearInterval(this.#timer);
    this.#look();
    return this.#worstMs;
  }

  #look(): void {
    const now = performance.now();
    this.#worstMs = Math.max(this.#worstMs, now - this.#lastAt - everyMs);
    this.#lastAt = now;
  }
}

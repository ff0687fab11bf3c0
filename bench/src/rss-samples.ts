const everyMs = 20;

/** Watches the memory that this process has resident, in bytes. */
export class RssSamples {
  #peakBytes = process.memoryUsage.rss();
  readonly #timer = setInterval(() => this.#take(), everyMs);

  /** Ends the watch and answers the most that was seen. */
  stop(): number {
    clearInterval(this.#timer);
    this.#take();
    return this.#peakBytes;
  }

  #take(): void {
    this.#peakBytes = Math.max(this.#peakBytes, process.memoryUsage.rss());
  }
}

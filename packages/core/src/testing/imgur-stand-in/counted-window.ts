/** Counts what is taken in windows of a fixed length. A window begins with the first use and ends by itself. */
export class CountedWindow {
  readonly limit: number;
  readonly #windowMs: number;
  readonly #clock: () => number;
  #used = 0;
  #endsAt = 0;

  constructor(limit: number, windowMs: number, clock: () => number) {
    this.limit = limit;
    this.#windowMs = windowMs;
    this.#clock = clock;
  }

  get remaining(): number {
    return this.#isOpen ? this.limit - this.#used : this.limit;
  }

  /** For how long the window lasts, in milliseconds; a whole one when none is open. */
  get resetInMs(): number {
    return this.#isOpen ? this.#endsAt - this.#clock() : this.#windowMs;
  }

  take(count: number): void {
    if (!this.#isOpen) {
      this.#used = 0;
      this.#endsAt = this.#clock() + this.#windowMs;
    }
    this.#used += count;
  }

  get #isOpen(): boolean {
    return this.#clock() < this.#endsAt;
  }
}

/**
 * The time as the store has it. Everything the server tells has the store's time with it, so ages are right although the
 * clock of this machine may be wrong, and that of the server too.
 */
export class Clock {
  #aheadMs = 0;
  readonly #local: () => number;

  constructor(local: () => number = Date.now) {
    this.#local = local;
  }

  hear(serverNow: number): void {
    this.#aheadMs = serverNow - this.#local();
  }

  now(): number {
    return this.#local() + this.#aheadMs;
  }
}

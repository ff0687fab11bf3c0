/** Asks Redis and waits for the answer no longer than it may take, and no longer than somebody wants to know it. */
export class InTime {
  readonly #timeoutMs: number;
  readonly #late: () => Error;
  /** Ends what is under way. A promise that all would race against would hold on to each of them. */
  readonly #underWay = new Set<(error: Error) => void>();

  /** `late` answers what is told when an answer did not come in time. */
  constructor(timeoutMs: number, late: () => Error) {
    this.#timeoutMs = timeoutMs;
    this.#late = late;
  }

  /** What `ask` resolves with. Its signal aborts once nobody waits for it any more. */
  async wait<Answer>(ask: (over: AbortSignal) => Promise<Answer>): Promise<Answer> {
    const over = new AbortController();
    const givenUp = Promise.withResolvers<never>();
    const giveUp = (error: Error): void => {
      over.abort(error);
      givenUp.reject(error);
    };
    this.#underWay.add(giveUp);
    const timer = setTimeout(() => giveUp(this.#late()), this.#timeoutMs);
    try {
      return await Promise.race([ask(over.signal), givenUp.promise]);
    } finally {
      clearTimeout(timer);
      this.#underWay.delete(giveUp);
    }
  }

  /** Ends all that is under way. */
  endAll(error: Error): void {
    for (const giveUp of this.#underWay) giveUp(error);
  }
}

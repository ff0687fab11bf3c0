import { StoreUnavailableError } from '@imgferry/core';

/** Asks Redis and waits for the answer no longer than it may take, and no longer than somebody wants to know it. */
export class InTime {
  readonly #timeoutMs: number;
  readonly #onLate: () => void;
  /** Ends what is under way. A promise that all would race against would hold on to each of them. */
  readonly #underWay = new Set<(error: Error) => void>();

  /** `onLate` is called with each answer that did not come in time. */
  constructor(timeoutMs: number, onLate: () => void) {
    this.#timeoutMs = timeoutMs;
    this.#onLate = onLate;
  }

  /** What `ask` resolves with. Its signal aborts once nobody waits for it any more. @throws StoreUnavailableError */
  async wait<Answer>(ask: (over: AbortSignal) => Promise<Answer>): Promise<Answer> {
    const over = new AbortController();
    const givenUp = Promise.withResolvers<never>();
    const giveUp = (error: Error): void => {
      over.abort(error);
      givenUp.reject(error);
    };
    this.#underWay.add(giveUp);
    const timer = setTimeout(() => {
      giveUp(new StoreUnavailableError('Redis did not answer in time'));
      this.#onLate();
    }, this.#timeoutMs);
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

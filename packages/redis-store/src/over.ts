import { setTimeout as sleep } from 'node:timers/promises';

import { StoreUnavailableError } from '@imgferry/core';

const REST_MS = 500;

/** Until when somebody reads: until its signal aborts, or the store is closed. */
export class Over {
  readonly #signal: AbortSignal;
  readonly #closing: Closing;

  constructor(signal: AbortSignal, closing: Closing) {
    this.#signal = signal;
    this.#closing = closing;
  }

  get isOver(): boolean {
    return this.#closing.isClosed || this.#signal.aborted;
  }

  /**
   * Tries until there is an answer. `undefined` when nobody wants to know any more.
   * @throws StoreUnavailableError when there is none for so long
   */
  async insist<Answer>(
    ask: () => Promise<Answer>,
    forMs: number = Number.POSITIVE_INFINITY,
  ): Promise<Answer | undefined> {
    const until = performance.now() + forMs;
    while (!this.isOver) {
      const answer = await this.wait(ask(), until - performance.now());
      if (this.isOver) return undefined;
      if (answer !== undefined) return answer;
      if (performance.now() + REST_MS >= until)
        throw new StoreUnavailableError('the history could not be read in time');
      await this.wait(sleep(REST_MS));
    }
    return undefined;
  }

  /** What a promise resolves with; `undefined` when it rejects, when that takes longer, and when this is over. */
  wait<Answer>(
    promise: Promise<Answer>,
    forMs: number = Number.POSITIVE_INFINITY,
  ): Promise<Answer | undefined> {
    return new Promise((resolve) => {
      const timer = forMs === Number.POSITIVE_INFINITY ? undefined : setTimeout(() => end(), forMs);
      const end = (answer?: Answer): void => {
        clearTimeout(timer);
        unwatch();
        resolve(answer);
      };
      const stop = (): void => end();
      const unwatch = this.watch(stop);
      promise.then(end, stop);
    });
  }

  /** Calls `stop` when this is over, and soon when it is already. Answers what takes that back. */
  watch(stop: () => void): () => void {
    this.#signal.addEventListener('abort', stop);
    this.#closing.add(stop);
    if (this.isOver) queueMicrotask(stop);
    return () => {
      this.#signal.removeEventListener('abort', stop);
      this.#closing.remove(stop);
    };
  }
}

/** Tells those who wait that the store is closed. A signal that all listen to would warn of so many. */
export class Closing {
  readonly #waiting = new Set<() => void>();
  #isClosed = false;

  get isClosed(): boolean {
    return this.#isClosed;
  }

  add(stop: () => void): void {
    this.#waiting.add(stop);
  }

  remove(stop: () => void): void {
    this.#waiting.delete(stop);
  }

  close(): void {
    this.#isClosed = true;
    for (const stop of [...this.#waiting]) stop();
  }
}

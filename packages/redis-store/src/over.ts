import { setTimeout as sleep } from 'node:timers/promises';

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

  /** Tries until there is an answer. `undefined` when nobody wants to know any more. */
  async insist<Answer>(ask: () => Promise<Answer>): Promise<Answer | undefined> {
    while (!this.isOver) {
      const answer = await this.wait(ask());
      if (this.isOver) return undefined;
      if (answer !== undefined) return answer;
      await this.wait(sleep(REST_MS));
    }
    return undefined;
  }

  /** What a promise resolves with; `undefined` when it rejects, and when this is over. */
  wait<Answer>(promise: Promise<Answer>): Promise<Answer | undefined> {
    return new Promise((resolve) => {
      const end = (answer?: Answer): void => {
        this.#signal.removeEventListener('abort', stop);
        this.#closing.forget(stop);
        resolve(answer);
      };
      const stop = (): void => end();
      this.#signal.addEventListener('abort', stop);
      this.#closing.tell(stop);
      promise.then(end, stop);
      if (this.isOver) stop();
    });
  }
}

/** Tells those who wait that the store is closed. A signal that all listen to would warn of so many. */
export class Closing {
  readonly #waiting = new Set<() => void>();
  #isClosed = false;

  get isClosed(): boolean {
    return this.#isClosed;
  }

  tell(stop: () => void): void {
    this.#waiting.add(stop);
  }

  forget(stop: () => void): void {
    this.#waiting.delete(stop);
  }

  close(): void {
    this.#isClosed = true;
    for (const stop of [...this.#waiting]) stop();
  }
}

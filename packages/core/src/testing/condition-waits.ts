/** Promises for conditions: asked again whenever somebody tells of a change, so that tests wait for things and not for time. */
export class ConditionWaits {
  readonly #waits = new Set<Wait>();
  #ended: Error | undefined;

  /** Resolves when the condition is true, at once if it is so already. Rejects with what the condition throws. */
  until(condition: () => boolean, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (condition()) return resolve();
      if (this.#ended) return reject(this.#ended);
      if (signal?.aborted) return reject(signal.reason);
      this.#waits.add(
        new Wait(condition, signal, { resolve, reject, forget: (wait) => this.#waits.delete(wait) }),
      );
    });
  }

  /** Tells that something changed. */
  changed(): void {
    for (const wait of this.#waits) wait.ask();
  }

  /** Rejects all who wait, and whoever will have to wait from now on. */
  end(reason: Error): void {
    this.#ended = reason;
    for (const wait of this.#waits) wait.fail(reason);
  }
}

interface Settling {
  resolve(): void;
  reject(reason: unknown): void;
  forget(wait: Wait): void;
}

class Wait {
  readonly #condition: () => boolean;
  readonly #signal: AbortSignal | undefined;
  readonly #settling: Settling;
  readonly #abort = (): void => this.fail(this.#signal?.reason);

  constructor(condition: () => boolean, signal: AbortSignal | undefined, settling: Settling) {
    this.#condition = condition;
    this.#signal = signal;
    this.#settling = settling;
    signal?.addEventListener('abort', this.#abort, { once: true });
  }

  ask(): void {
    try {
      if (!this.#condition()) return;
      this.#leave();
      this.#settling.resolve();
    } catch (error) {
      this.fail(error);
    }
  }

  fail(reason: unknown): void {
    this.#leave();
    this.#settling.reject(reason);
  }

  #leave(): void {
    this.#signal?.removeEventListener('abort', this.#abort);
    this.#settling.forget(this);
  }
}

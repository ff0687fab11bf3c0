import type { Store } from '@imgferry/core';

/**
 * The way of one worker to its store. It counts what the worker asks, and can be frozen: then nothing that is asked gets
 * through, as when the process stands still.
 */
export class Wire {
  readonly store: Store;
  readonly #asked = new Map<string, number>();
  readonly #answers = new Map<string, Promise<void>>();
  #thawed: Promise<void> = Promise.resolve();

  constructor(store: Store) {
    this.store = this.#watch(store);
  }

  /** Heartbeats that were begun. */
  get heartbeats(): number {
    return this.asked('extend');
  }

  /** How often a step was asked for. */
  asked(step: string): number {
    return this.#asked.get(step) ?? 0;
  }

  /** Answers the function that ends it. */
  freeze(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#thawed = promise;
    return resolve;
  }

  /** Has the steps of a name taken, and their answers held back. Answers the function that ends it. */
  holdAnswers(step: string): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#answers.set(step, promise);
    return resolve;
  }

  #watch<Part extends object>(part: Part): Part {
    return new Proxy(part, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value === 'object' && value !== null) return this.#watch(value);
        if (typeof value !== 'function' || typeof name !== 'string') return value;
        if (name === 'events' || name === 'close') return value.bind(target);
        return (...args: unknown[]) => this.#ask(name, () => value.apply(target, args));
      },
    });
  }

  async #ask(step: string, take: () => unknown): Promise<unknown> {
    this.#asked.set(step, this.asked(step) + 1);
    await this.#thawed;
    const answer = await take();
    await this.#answers.get(step);
    return answer;
  }
}

import type { Store } from '@imgferry/core';

/**
 * The way of one worker to its store. It keeps what the worker asks, and can be frozen: then nothing that is asked gets
 * through, as when the process stands still.
 */
export class Wire {
  readonly store: Store;
  /** What each step was answered, in the order in which they were asked for; nothing yet, or an error, is no answer. */
  readonly #answers = new Map<string, unknown[]>();
  readonly #held = new Map<string, Promise<void>>();
  #thawed: Promise<void> = Promise.resolve();

  constructor(store: Store) {
    this.store = this.#watch(store);
  }

  /** How often a step was asked for. */
  asked(step: string): number {
    return this.#answers.get(step)?.length ?? 0;
  }

  /** The number, from 0, of the first heartbeat that was told of lost leases. */
  get heartbeatThatLost(): number {
    const answers = this.#answers.get('extend') ?? [];
    return answers.findIndex((lost) => Array.isArray(lost) && lost.length > 0);
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
    this.#held.set(step, promise);
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
    const answers = this.#answers.get(step) ?? [];
    this.#answers.set(step, answers);
    const place = answers.push(undefined) - 1;
    await this.#thawed;
    answers[place] = await take();
    await this.#held.get(step);
    return answers[place];
  }
}

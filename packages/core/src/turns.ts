import { unlessAborted } from './unless-aborted.ts';

/** What comes of asking for a turn: what the one before has found, or else the turn, to be ended. */
export type Turn = { readonly found: string } | { readonly end: (found?: string) => void };

/** Lets one at a time look for what goes by a name. What it finds is found by all who wait for their turn. */
export class Turns {
  readonly #taken = new Map<string, Promise<string | undefined>>();

  /** Rejects when the signal aborts. */
  async take(name: string, signal: AbortSignal): Promise<Turn> {
    for (let taken = this.#taken.get(name); taken !== undefined; taken = this.#taken.get(name)) {
      const found = await unlessAborted(taken, signal);
      if (found !== undefined) return { found };
    }
    signal.throwIfAborted();
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    this.#taken.set(name, promise);
    const end = (found?: string): void => {
      if (this.#taken.get(name) === promise) this.#taken.delete(name);
      resolve(found);
    };
    return { end };
  }
}

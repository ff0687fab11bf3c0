import { unlessAborted } from './unless-aborted.ts';

/** What comes of joining: what the one ahead has found, or else a flight of one's own, to be ended. */
export type Joined<Found> = { readonly found: Found } | { readonly end: (found?: Found) => void };

/**
 * Lets one look for what goes by a name, and those who come meanwhile have what it finds. Nobody waits twice: who
 * waited and was told nothing goes on beside the others, so that a name that finds nothing is no queue.
 */
export class SingleFlight<Found> {
  readonly #flights = new Map<string, Promise<Found | undefined>>();

  /** Rejects when the signal aborts. */
  async join(name: string, signal: AbortSignal): Promise<Joined<Found>> {
    const ahead = this.#flights.get(name);
    const found = ahead && (await unlessAborted(ahead, signal));
    if (found !== undefined) return { found };
    signal.throwIfAborted();
    return { end: this.#begin(name) };
  }

  /** Of those who go on beside one another the first is the one that others wait for. */
  #begin(name: string): (found?: Found) => void {
    const { promise, resolve } = Promise.withResolvers<Found | undefined>();
    if (!this.#flights.has(name)) this.#flights.set(name, promise);
    return (found) => {
      if (this.#flights.get(name) === promise) this.#flights.delete(name);
      resolve(found);
    };
  }
}

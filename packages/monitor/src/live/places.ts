import type { ResolvedOptions } from '../options.ts';
import { Problem } from '../problem.ts';

/** When whoever found no place may ask again, in milliseconds. */
export const retryMs = 5_000;

/** How many streams there may be. */
export type PlaceLimits = Pick<ResolvedOptions, 'maxStreams' | 'maxStreamsPerClient'>;

/** The places for streams, of which no client takes those of all. */
export class Places {
  readonly #limits: PlaceLimits;
  /** How many each client has. */
  readonly #ofClients = new Map<string, number>();
  #taken = 0;

  constructor(limits: PlaceLimits) {
    this.#limits = limits;
  }

  get taken(): number {
    return this.#taken;
  }

  /** Takes one, for a client if one is named. Answers what gives it back, once, however often it is called. @throws Problem */
  take(client: string | undefined): () => void {
    const { maxStreams, maxStreamsPerClient } = this.#limits;
    if (this.#taken >= maxStreams) throw Problem.later('full', 'too many pages watch now', retryMs);
    if (client !== undefined && (this.#ofClients.get(client) ?? 0) >= maxStreamsPerClient)
      throw Problem.later('full', 'too many pages of this client watch now', retryMs);
    this.#count(client, 1);
    let isTaken = true;
    return () => {
      if (isTaken) this.#count(client, -1);
      isTaken = false;
    };
  }

  #count(client: string | undefined, by: 1 | -1): void {
    this.#taken += by;
    if (client === undefined) return;
    const count = (this.#ofClients.get(client) ?? 0) + by;
    if (count === 0) this.#ofClients.delete(client);
    else this.#ofClients.set(client, count);
  }
}

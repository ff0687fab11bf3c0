import type { StoreEvent } from './store-event.ts';

/** What a read came to: an event, the end of the stream, or nothing within the time. */
export type EventRead =
  | { readonly status: 'event'; readonly event: StoreEvent }
  | { readonly status: 'ended' }
  | { readonly status: 'quiet' };

type Asked =
  | { readonly status: 'waiting' }
  | { readonly status: 'answered'; readonly result: IteratorResult<StoreEvent> }
  | { readonly status: 'broken'; readonly error: unknown };

/**
 * Reads a store's events with a limit on each wait. An event that comes after the limit is the next one to be read.
 * A wait that was in vain leaves nothing behind, however many there are before the next event.
 */
export class EventReader {
  readonly #events: AsyncIterator<StoreEvent>;
  #asked: Asked = { status: 'waiting' };
  #endWait: () => void = () => {};

  /** Asks for the first event at once, so that the stream has begun. */
  constructor(events: AsyncIterable<StoreEvent>) {
    this.#events = events[Symbol.asyncIterator]();
    this.#ask();
  }

  /** Rejects when the stream breaks. */
  async read(waitMs: number): Promise<EventRead> {
    if (this.#asked.status === 'waiting') await this.#wait(waitMs);
    const asked = this.#asked;
    if (asked.status === 'waiting') return { status: 'quiet' };
    if (asked.status === 'broken') throw asked.error;
    if (asked.result.done === true) return { status: 'ended' };
    this.#ask();
    return { status: 'event', event: asked.result.value };
  }

  /** Ends the wait of a read that is under way: there is something else to see to. */
  wake(): void {
    this.#endWait();
  }

  /** A stream that breaks while nobody reads is no unhandled rejection. */
  #ask(): void {
    this.#asked = { status: 'waiting' };
    const answer = (asked: Asked): void => {
      this.#asked = asked;
      this.#endWait();
    };
    this.#events.next().then(
      (result) => answer({ status: 'answered', result }),
      (error: unknown) => answer({ status: 'broken', error }),
    );
  }

  async #wait(waitMs: number): Promise<void> {
    const over = Promise.withResolvers<void>();
    const timer = setTimeout(over.resolve, waitMs);
    this.#endWait = over.resolve;
    await over.promise;
    clearTimeout(timer);
  }
}

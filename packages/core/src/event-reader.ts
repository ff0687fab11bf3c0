import { setTimeout as sleep } from 'node:timers/promises';

import type { StoreEvent } from './store-event.ts';

/** What a read came to: an event, the end of the stream, or nothing within the time. */
export type EventRead =
  | { readonly status: 'event'; readonly event: StoreEvent }
  | { readonly status: 'ended' }
  | { readonly status: 'quiet' };

/** Reads a store's events with a limit on each wait. An event that comes after the limit is the next one to be read. */
export class EventReader {
  readonly #events: AsyncIterator<StoreEvent>;
  #next: Promise<IteratorResult<StoreEvent>>;

  /** Asks for the first event at once, so that the stream has begun. */
  constructor(events: AsyncIterable<StoreEvent>) {
    this.#events = events[Symbol.asyncIterator]();
    this.#next = this.#ask();
  }

  /** Rejects when the stream breaks. */
  async read(waitMs: number): Promise<EventRead> {
    const result = await this.#within(waitMs);
    if (result === undefined) return { status: 'quiet' };
    if (result.done === true) return { status: 'ended' };
    this.#next = this.#ask();
    return { status: 'event', event: result.value };
  }

  #ask(): Promise<IteratorResult<StoreEvent>> {
    const next = this.#events.next();
    // Looked at by the next read, if there is one; until then a stream that breaks is no unhandled rejection.
    next.catch(() => {});
    return next;
  }

  async #within(waitMs: number): Promise<IteratorResult<StoreEvent> | undefined> {
    const timer = new AbortController();
    const late = sleep(waitMs, undefined, { signal: timer.signal }).catch(() => undefined);
    try {
      return await Promise.race([this.#next, late]);
    } finally {
      timer.abort();
    }
  }
}

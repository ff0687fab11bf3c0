import type { EventsOptions, StoreEvent } from '@imgferry/core';
import type { Connection } from './connection.ts';
import { EventReader } from './event-reader.ts';
import { EventTail } from './event-tail.ts';
import { History } from './history.ts';
import { Closing, Over } from './over.ts';

/**
 * The history of the store, which any number can follow. The id of an event is `<entry>.<place>`, and that of a gap
 * `<entry>.end`.
 *
 * Who is near its end is served from what one reader has read for all of them; who is further behind reads for itself,
 * a piece at a time and no faster than its events are taken. That nothing is missing is seen by the entries themselves,
 * each of which names the one before.
 */
export class EventLog {
  readonly #history: History;
  readonly #tail: EventTail;
  readonly #closing = new Closing();

  constructor(connection: Connection) {
    this.#history = new History(connection);
    this.#tail = new EventTail(this.#history);
  }

  /** What follows the event `after`, or what happens from now on, until the signal aborts or the log is closed. */
  follow({ jobId, after, live = true, signal }: EventsOptions): AsyncIterable<StoreEvent> {
    const over = new Over(signal, this.#closing);
    return new EventReader({ history: this.#history, tail: this.#tail, over, jobId, after }).read(live);
  }

  close(): void {
    this.#tail.close();
    this.#closing.close();
  }
}

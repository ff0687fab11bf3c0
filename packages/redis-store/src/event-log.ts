import type { EventsOptions, StoreEvent } from '@imgferry/core';
import type { Connection } from './connection.ts';
import { EventReader } from './event-reader.ts';
import { EventTail } from './event-tail.ts';
import { History } from './history.ts';
import { Closing, Over } from './over.ts';

/** For how many times what a step may take one waits for a piece of the history who only wants to come to its end. */
const PATIENCE = 6;

/**
 * The history of the store, which any number can follow. The id of an event is `<entry>.<place>`, and that of a gap
 * `<entry>.end`.
 *
 * Who is near its end is served from what one reader has read for all of them; who is further behind reads for itself,
 * a piece at a time and no faster than its events are taken. That nothing is missing is seen by the entries themselves,
 * each of which names the one before.
 */
export class EventLog {
  readonly #patienceMs: number;
  readonly #history: History;
  readonly #tail: EventTail;
  readonly #closing = new Closing();

  constructor(connection: Connection) {
    this.#patienceMs = PATIENCE * connection.timeoutMs;
    this.#history = new History(connection);
    this.#tail = new EventTail(this.#history);
  }

  /** What follows the event `after`, or what happens from now on, until the signal aborts or the log is closed. */
  follow({ jobId, after, live = true, until, signal }: EventsOptions): AsyncIterable<StoreEvent> {
    const over = new Over(signal, this.#closing);
    const parts = { history: this.#history, tail: this.#tail, over, jobId, after, live };
    const forever = Number.POSITIVE_INFINITY;
    // Who waits for what happens waits for a store that is away as well.
    const bounds = live
      ? { patienceMs: forever, until: forever }
      : { patienceMs: this.#patienceMs, until: until ?? forever };
    return new EventReader({ ...parts, ...bounds }).read();
  }

  close(): void {
    this.#tail.close();
    this.#closing.close();
  }
}

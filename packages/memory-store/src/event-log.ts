import { randomUUID } from 'node:crypto';

import type { EventsOptions, StoreChange, StoreEvent } from '@imgferry/core';
import { Sleepers } from './sleepers.ts';
import { Tail } from './tail.ts';

/** What is read, and up to which position and time. */
interface Reading {
  readonly jobId: string | undefined;
  readonly end: number;
  readonly until: number;
  readonly signal: AbortSignal;
}

/**
 * The history of the store, as far as it is kept. An id is the name of this history and a position in it: another
 * store, or this one after a restart, has another name, so an id is never used again.
 */
export class EventLog {
  readonly #history: string = randomUUID().slice(0, 8);
  readonly #events: Tail<StoreEvent>;
  readonly #now: () => number;
  readonly #sleepers = new Sleepers();
  #closed = false;

  constructor(maxEvents: number, now: () => number) {
    this.#events = new Tail(maxEvents);
    this.#now = now;
  }

  append(change: StoreChange): void {
    const position = this.#events.end;
    this.#events.append({ ...change, id: this.#idBefore(position + 1), at: this.#now() });
    if ('jobId' in change) this.#sleepers.wake(change.jobId, position);
    else this.#sleepers.wakeAll(position);
  }

  /** What follows the event `after`, or what happens from now on, until the signal aborts or the log is closed. */
  follow({ jobId, after, live = true, until, signal }: EventsOptions): AsyncIterable<StoreEvent> {
    // Found before the first event is asked for: "from now on" begins with this call.
    const start = after === undefined ? this.#events.end : this.#positionAfter(after);
    const end = live ? Number.POSITIVE_INFINITY : this.#events.end;
    const latest = live || until === undefined ? Number.POSITIVE_INFINITY : until;
    return this.#read(start, { jobId, end, until: latest, signal });
  }

  close(): void {
    this.#closed = true;
    this.#sleepers.wakeAll(this.#events.end);
  }

  async *#read(start: number | undefined, reading: Reading): AsyncGenerator<StoreEvent, void, undefined> {
    const { jobId, end, until, signal } = reading;
    let position = start ?? -1;
    while (!signal.aborted && !this.#closed && position < end) {
      if (position < this.#events.first) {
        position = this.#events.first;
        yield { type: 'gap', id: this.#idBefore(position), at: this.#now() };
        continue;
      }
      const event = this.#events.at(position);
      if (event === undefined) {
        position = await this.#sleepers.sleep(jobId, position, signal);
      } else {
        if (event.at > until) return;
        position += 1;
        if (concerns(jobId, event)) yield event;
      }
    }
  }

  /** The id of the event before a position, so that reading on after it begins there. */
  #idBefore(position: number): string {
    return `${this.#history}-${position}`;
  }

  /** `undefined` when the id is not of this history. */
  #positionAfter(id: string): number | undefined {
    const position = Number(/^[0-9a-f]+-(\d{1,15})$/.exec(id)?.[1] ?? Number.NaN);
    return id === this.#idBefore(position) && position <= this.#events.end ? position : undefined;
  }
}

/** What is of no job, a pause of the queue or of a host, concerns all who read of one. */
function concerns(jobId: string | undefined, event: StoreEvent): boolean {
  return jobId === undefined || !('jobId' in event) || event.jobId === jobId;
}

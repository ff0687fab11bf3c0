import { randomUUID } from 'node:crypto';

import type { StoreChange, StoreEvent } from '@imgferry/core';
import { Tail } from './tail.ts';

/**
 * The history of the store, as far as it is kept. An id is the name of this history and a position in it: another
 * store, or this one after a restart, has another name, so an id is never used again.
 */
export class EventLog {
  readonly #history: string = randomUUID().slice(0, 8);
  readonly #events: Tail<StoreEvent>;
  readonly #now: () => number;
  readonly #readers = new Set<() => void>();
  #closed = false;

  constructor(maxEvents: number, now: () => number) {
    this.#events = new Tail(maxEvents);
    this.#now = now;
  }

  append(change: StoreChange): void {
    const position = this.#events.end;
    this.#events.append({ ...change, id: this.#idBefore(position + 1), at: this.#now() });
    this.#wakeReaders();
  }

  /** What follows the event `after`, or what happens from now on, until the signal aborts or the log is closed. */
  follow(after: string | undefined, signal: AbortSignal): AsyncIterable<StoreEvent> {
    // Found before the first event is asked for: "from now on" begins with this call.
    const start = after === undefined ? this.#events.end : this.#positionAfter(after);
    return this.#read(start, signal);
  }

  close(): void {
    this.#closed = true;
    this.#wakeReaders();
  }

  async *#read(start: number | undefined, signal: AbortSignal): AsyncGenerator<StoreEvent, void, undefined> {
    let position = start ?? -1;
    while (!signal.aborted && !this.#closed) {
      if (position < this.#events.first) {
        position = this.#events.first;
        yield { type: 'gap', id: this.#idBefore(position), at: this.#now() };
        continue;
      }
      const event = this.#events.at(position);
      if (event === undefined) {
        await this.#nextEvent(signal);
      } else {
        position += 1;
        yield event;
      }
    }
  }

  #nextEvent(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        signal.removeEventListener('abort', wake);
        this.#readers.delete(wake);
        resolve();
      };
      signal.addEventListener('abort', wake);
      this.#readers.add(wake);
    });
  }

  #wakeReaders(): void {
    for (const wake of [...this.#readers]) wake();
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

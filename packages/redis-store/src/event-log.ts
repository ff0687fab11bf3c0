import { setTimeout as sleep } from 'node:timers/promises';

import type { EventsOptions, StoreEvent } from '@imgferry/core';
import type { Connection } from './connection.ts';
import { EventTail, follows } from './event-tail.ts';
import { History } from './history.ts';
import type { HistoryEntry } from './history-entry.ts';

const REST_MS = 500;
/** In an id: the place after all changes of an entry. */
const END = 'end';

/** Where a reader stands: after an entry, with some events still to be told. */
interface Place {
  readonly entry: string;
  readonly told: readonly StoreEvent[];
}

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
  readonly #ending = new Set<() => void>();
  #closed = false;

  constructor(connection: Connection) {
    this.#history = new History(connection);
    this.#tail = new EventTail(this.#history);
  }

  /** What follows the event `after`, or what happens from now on, until the signal aborts or the log is closed. */
  follow({ jobId, after, live = true, signal }: EventsOptions): AsyncIterable<StoreEvent> {
    // Asked before the first event is: "from now on" begins with this call.
    const start = this.#isOver(signal) ? undefined : this.#find(after);
    start?.catch(() => {});
    const events = live ? this.#read(start, after, signal) : this.#readWhatIsThere(start, after, signal);
    return jobId === undefined ? events : onlyOf(jobId, events);
  }

  close(): void {
    this.#closed = true;
    this.#tail.close();
    for (const end of [...this.#ending]) end();
  }

  async *#read(
    start: Promise<Place> | undefined,
    after: string | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<StoreEvent, void, undefined> {
    let place = start && (await this.#unlessOver(start, signal));
    // Nobody can say what has happened since it was first asked.
    place ??= await this.#insist(() => (after === undefined ? this.#missed() : this.#find(after)), signal);
    while (place !== undefined) {
      const { entry, told } = place;
      for (const event of told) {
        if (this.#isOver(signal)) return;
        yield event;
      }
      place = await this.#insist(() => this.#next(entry, signal), signal);
    }
  }

  async *#readWhatIsThere(
    start: Promise<Place> | undefined,
    after: string | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<StoreEvent, void, undefined> {
    let place = start && (await this.#unlessOver(start, signal));
    place ??= await this.#insist(() => (after === undefined ? this.#missed() : this.#find(after)), signal);
    while (place !== undefined && !this.#isOver(signal)) {
      const { entry, told } = place;
      yield* told;
      const stretch = await this.#insist(() => this.#history.look(entry), signal);
      if (stretch === undefined || stretch.after.length === 0) return;
      place = placeAfter(stretch.after);
    }
  }

  /** The place that an id names. */
  async #find(after: string | undefined): Promise<Place> {
    const [, id = '', position = ''] = /^(\d{1,15}-\d{1,15})\.(\d{1,15}|end)$/.exec(after ?? '') ?? [];
    const { last, trimmedTo, itself, after: later, now } = await this.#history.look(id, id === '' ? 0 : 1);
    if (after === undefined) return { entry: last, told: [] };
    if (id !== '' && position === END) {
      const isKnown = id === trimmedTo || id === itself?.id || later.some(({ previous }) => previous === id);
      return isKnown ? { entry: id, told: [] } : gapAfter(trimmedTo, now);
    }
    const events = itself?.events ?? [];
    const isThere = events[Number(position)]?.id === after;
    return isThere ? { entry: id, told: events.slice(Number(position) + 1) } : gapAfter(trimmedTo, now);
  }

  async #missed(): Promise<Place> {
    const { last, now } = await this.#history.look('', 0);
    return gapAfter(last, now);
  }

  /** What comes after an entry: from the tail if it is there, else from Redis, else when it has come. */
  async #next(entry: string, signal: AbortSignal): Promise<Place> {
    const next = this.#tail.entryAfter(entry);
    if (next !== undefined) return { entry: next.id, told: next.events };
    const { turn } = this.#tail;
    if (this.#tail.position !== entry) {
      const { after, last, trimmedTo, now } = await this.#history.look(entry);
      const [first] = after;
      if (first !== undefined && follows(first, entry)) return placeAfter(after);
      if (first !== undefined) return gapAfter(first.previous, now);
      // What is behind both may have been removed by hand; then there is nothing to go on from but the end.
      if (last !== entry) return gapAfter(entry === trimmedTo ? last : trimmedTo, now);
    }
    if (this.#tail.turn === turn) await this.#change(entry, signal);
    return { entry, told: [] };
  }

  /** Resolves when the tail has changed, on abort and when closed. */
  async #change(entry: string, signal: AbortSignal): Promise<void> {
    const changed = Promise.withResolvers<void>();
    const stop = this.#tail.onChange(entry, changed.resolve);
    try {
      await this.#unlessOver(changed.promise, signal);
    } finally {
      stop();
    }
  }

  /** Tries until Redis answers. `undefined` when nobody wants to know any more. */
  async #insist<Answer>(ask: () => Promise<Answer>, signal: AbortSignal): Promise<Answer | undefined> {
    while (!this.#isOver(signal)) {
      const answer = await this.#unlessOver(ask(), signal);
      if (this.#isOver(signal)) return undefined;
      if (answer !== undefined) return answer;
      await this.#unlessOver(sleep(REST_MS), signal);
    }
    return undefined;
  }

  /** What a promise resolves with; `undefined` when it rejects, on abort and when closed. */
  #unlessOver<Answer>(promise: Promise<Answer>, signal: AbortSignal): Promise<Answer | undefined> {
    return new Promise((resolve) => {
      const end = (answer?: Answer): void => {
        signal.removeEventListener('abort', stop);
        this.#ending.delete(stop);
        resolve(answer);
      };
      const stop = (): void => end();
      signal.addEventListener('abort', stop);
      this.#ending.add(stop);
      promise.then(end, stop);
      if (this.#isOver(signal)) stop();
    });
  }

  #isOver(signal: AbortSignal): boolean {
    return this.#closed || signal.aborted;
  }
}

async function* onlyOf(jobId: string, events: AsyncIterable<StoreEvent>): AsyncIterable<StoreEvent> {
  for await (const event of events)
    if (event.type === 'gap' || ('jobId' in event && event.jobId === jobId)) yield event;
}

/** All events of entries that follow one another. */
function placeAfter(entries: readonly HistoryEntry[]): Place {
  let [last] = entries;
  const told: StoreEvent[] = [];
  for (const entry of entries) {
    if (last !== undefined && entry !== last && !follows(entry, last.id)) break;
    told.push(...entry.events);
    last = entry;
  }
  return { entry: last?.id ?? '', told };
}

/** What was between a place and an entry is gone. */
function gapAfter(entry: string, at: number): Place {
  const id = `${entry === '' ? '0-0' : entry}.${END}`;
  return { entry, told: [{ type: 'gap', id, at }] };
}

import type { JobSummary, StoreEvent } from '@imgferry/core';
import type { Connection } from './connection.ts';
import { decodeInfo } from './decode-job.ts';
import { EventTail } from './event-tail.ts';

const PAGE = 100;

type Entry = readonly [id: string, fields: readonly string[]];
type FollowAnswer = readonly [trimmedTo: string, last: string, now: number, entries: readonly Entry[]];

/** A place in the history: an entry of the stream, and which of its changes was told last (-1: none of them). */
interface Place {
  readonly entry: string;
  readonly change: number;
}

/** The history of the store, which any number can follow. An id is `<entry>.<change>`. */
export class EventLog {
  readonly #connection: Connection;
  readonly #tail: EventTail;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#tail = new EventTail(connection);
  }

  /** What follows the event `after`, or what happens from now on, until the signal aborts or the log is closed. */
  follow(after: string | undefined, signal: AbortSignal): AsyncIterable<StoreEvent> {
    // Asked before the first event is: "from now on" begins with this call.
    const start = after === undefined ? this.#end() : Promise.resolve(parseId(after));
    start.catch(() => {});
    return this.#read(start, signal);
  }

  close(): void {
    this.#tail.close();
  }

  async #end(): Promise<Place> {
    const [, last] = await this.#page('');
    return { entry: last === '' ? '0-0' : last, change: Number.MAX_SAFE_INTEGER };
  }

  async *#read(
    start: Promise<Place | undefined>,
    signal: AbortSignal,
  ): AsyncGenerator<StoreEvent, void, undefined> {
    const leave = this.#tail.join();
    try {
      let place = (await start) ?? { entry: '', change: -1 };
      while (!signal.aborted && !this.#tail.closed) {
        const page = await this.#tail.persist(() => this.#page(place.entry || '0-0'), signal);
        if (page === undefined) return;
        const [trimmedTo, last, at, entries] = page;
        if (isGap(place, trimmedTo, last)) {
          place = { entry: trimmedTo === '' ? '0-0' : trimmedTo, change: Number.MAX_SAFE_INTEGER };
          yield { type: 'gap', id: idOf(place), at };
          continue;
        }
        const before = place;
        for (const entry of entries) {
          for (const event of eventsOf(entry, place)) {
            if (signal.aborted) return;
            place = parseId(event.id) ?? place;
            yield event;
          }
          place = { entry: entry[0], change: Number.MAX_SAFE_INTEGER };
        }
        if (before.entry === place.entry) await this.#tail.after(place.entry, signal);
      }
    } finally {
      leave();
    }
  }

  async #page(from: string): Promise<FollowAnswer> {
    return (await this.#connection.run('follow', [from, PAGE])) as FollowAnswer;
  }
}

/** The events of an entry that come after a place. */
function eventsOf([id, fields]: Entry, after: Place): readonly StoreEvent[] {
  const at = Number(fields[3]);
  const changes = JSON.parse(fields[5] ?? '[]') as readonly (StoreEvent & {
    job?: JobSummary & { info: string };
  })[];
  const first = id === after.entry ? after.change + 1 : 0;
  return changes.slice(first).map((change, offset) => {
    const { job } = change;
    const event = { ...change, id: `${id}.${first + offset}`, at };
    if (job === undefined) return event;
    const { info, ...facts } = job;
    return { ...event, job: { ...facts, ...decodeInfo(info) } } as StoreEvent;
  });
}

function idOf({ entry, change }: Place): string {
  return `${entry}.${change}`;
}

function parseId(id: string): Place | undefined {
  const [, entry, change] = /^(\d{1,15}-\d{1,15})\.(\d{1,16})$/.exec(id) ?? [];
  return entry === undefined ? undefined : { entry, change: Number(change) };
}

/** What lies between a place and what follows was dropped, or the place is of another history. */
function isGap({ entry, change }: Place, trimmedTo: string, last: string): boolean {
  if (entry === '') return true;
  if (entry === '0-0') return false;
  return (
    isBefore(last, entry) ||
    isBefore(entry, trimmedTo) ||
    (entry === trimmedTo && change < Number.MAX_SAFE_INTEGER)
  );
}

/** Whether an entry is older than another. */
export function isBefore(a: string, b: string): boolean {
  const [aMs = 0, aOrder = 0] = a.split('-').map(Number);
  const [bMs = 0, bOrder = 0] = b.split('-').map(Number);
  return aMs < bMs || (aMs === bMs && aOrder < bOrder);
}

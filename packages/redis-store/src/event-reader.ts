import type { StoreEvent } from '@imgferry/core';
import type { EventTail } from './event-tail.ts';
import type { History } from './history.ts';
import { eventsFor, follows, isFor } from './history-entry.ts';
import type { Over } from './over.ts';
import { END, gapAfter, isBefore, type Place, placeAfter } from './place.ts';

/** What is read, and from what. */
export interface EventReaderParts {
  readonly history: History;
  readonly tail: EventTail;
  readonly over: Over;
  readonly jobId: string | undefined;
  readonly after: string | undefined;
  readonly live: boolean;
  /** For how long a piece of the history is waited for. */
  readonly patienceMs: number;
  /** Of what is not live: the first event that is later ends it. */
  readonly until: number;
}

/** Where reading begins, and where the history ended then. */
interface Start extends Place {
  readonly last: string;
}

/** One reading of the history. */
export class EventReader {
  readonly #parts: EventReaderParts;
  readonly #history: History;
  readonly #tail: EventTail;
  readonly #over: Over;
  readonly #start: Promise<Start> | undefined;
  /** The entry that was the last when Redis was asked, while the tail had begun so often. */
  #end: { readonly entry: string; readonly begun: number } | undefined;

  /** Asks at once where to begin: "from now on" begins with this. */
  constructor(parts: EventReaderParts) {
    const { history, tail, over } = parts;
    this.#parts = parts;
    this.#history = history;
    this.#tail = tail;
    this.#over = over;
    this.#start = over.isOver ? undefined : this.#find();
    this.#start?.catch(() => {});
  }

  /**
   * Goes on with what happens, or ends where the history ended when this was made.
   * @throws StoreUnavailableError when what is not live can not be read for too long
   */
  async *read(): AsyncGenerator<StoreEvent, void, undefined> {
    const { live, until } = this.#parts;
    const start = await this.#begin();
    let place: Place | undefined = start;
    if (start !== undefined) this.#end = { entry: start.last, begun: this.#tail.begun };
    while (place !== undefined) {
      const { entry, told } = place;
      const inTime = told.filter(({ type, at }) => type === 'gap' || at <= until);
      for (const event of eventsFor(this.#parts.jobId, inTime)) {
        if (this.#over.isOver) return;
        yield event;
        this.#end = undefined;
      }
      if (inTime.length < told.length) return;
      if (live) place = await this.#over.insist(() => this.#next(entry));
      else place = isBefore(entry, start?.last ?? '') ? await this.#further(entry) : undefined;
    }
  }

  async #begin(): Promise<Start | undefined> {
    const start = this.#start && (await this.#over.wait(this.#start, this.#parts.patienceMs));
    // Nobody can say what has happened since it was first asked.
    const ask = () => (this.#parts.after === undefined ? this.#missed() : this.#find());
    return start ?? (await this.#over.insist(ask, this.#parts.patienceMs));
  }

  /** The place that the id names. */
  async #find(): Promise<Start> {
    const { after } = this.#parts;
    const [, id = '', position = ''] = /^(\d{1,15}-\d{1,15})\.(\d{1,15}|end)$/.exec(after ?? '') ?? [];
    const {
      last,
      trimmedTo,
      itself,
      after: later,
      now,
    } = await (id === '' ? this.#history.end() : this.#history.find(id, this.#over));
    if (after === undefined) return { entry: last, told: [], last };
    if (id !== '' && position === END) {
      const isKnown = id === trimmedTo || id === itself?.id || later.some(({ previous }) => previous === id);
      return { ...(isKnown ? { entry: id, told: [] } : gapAfter(trimmedTo, now)), last };
    }
    const events = itself?.events ?? [];
    const isThere = events[Number(position)]?.id === after;
    const told = events.slice(Number(position) + 1);
    return { ...(isThere ? { entry: id, told } : gapAfter(trimmedTo, now)), last };
  }

  async #missed(): Promise<Start> {
    const { last, now } = await this.#history.end();
    return { ...gapAfter(last, now), last };
  }

  /** What Redis has after an entry, if there is anything. */
  async #further(entry: string): Promise<Place | undefined> {
    const found = await this.#over.insist(
      async () => ({ place: await this.#look(entry) }),
      this.#parts.patienceMs,
    );
    return found?.place;
  }

  /** What comes after an entry: from the tail if it is there, else from Redis, else when it has come. */
  async #next(entry: string): Promise<Place> {
    const next = this.#tail.entryAfter(entry, this.#parts.jobId);
    if (next !== undefined) return { entry: next.id, told: next.events };
    const { turn, begun } = this.#tail;
    if (!this.#isAtEnd(entry)) {
      const further = await this.#look(entry);
      if (further !== undefined) return further;
      this.#end = { entry, begun };
    }
    return { entry: this.#tail.turn === turn ? await this.#sleep(entry) : entry, told: [] };
  }

  /** Whether all that comes after an entry will come by the tail, which may have to get there first. */
  #isAtEnd(entry: string): boolean {
    const { position, begun } = this.#tail;
    if (position === entry) return true;
    const isKnown = this.#end?.entry === entry && this.#end.begun === begun;
    return isKnown && (position === undefined || isBefore(position, entry));
  }

  /** What Redis has after an entry; nothing when that is the last. */
  async #look(entry: string): Promise<Place | undefined> {
    const { after, last, trimmedTo, now } = await this.#history.lookAfter(entry, this.#over);
    const [first] = after;
    if (first !== undefined && follows(first, entry)) return this.#onlyWanted(placeAfter(after));
    if (first !== undefined) return gapAfter(first.previous, now);
    // What is behind both may have been removed by hand; then there is nothing to go on from but the end.
    return last === entry ? undefined : gapAfter(entry === trimmedTo ? last : trimmedTo, now);
  }

  /** What is to be told and what ends the reading: while many wait for their next piece, none holds the rest of its last. */
  #onlyWanted({ entry, told }: Place): Place {
    const { jobId, until } = this.#parts;
    return { entry, told: told.filter((event) => event.at > until || isFor(jobId, event)) };
  }

  /** Resolves when there is something to read, on abort and when closed, with where to read on. */
  async #sleep(entry: string): Promise<string> {
    const woken = Promise.withResolvers<string>();
    const stop = this.#tail.sleep(entry, this.#parts.jobId, woken.resolve);
    try {
      return (await this.#over.wait(woken.promise)) ?? entry;
    } finally {
      stop();
    }
  }
}

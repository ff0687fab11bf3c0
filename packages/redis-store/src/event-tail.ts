import { setTimeout as sleep } from 'node:timers/promises';

import type { History } from './history.ts';
import type { HistoryEntry } from './history-entry.ts';

const KEPT_ENTRIES = 1_000;
const KEPT_EVENTS = 5_000;
/** For how long it goes on when nobody waits: those who follow are busy with what they were told. */
const IDLE_MS = 2_000;
const REST_MS = 250;
/** How often it is made sure that nothing comes because nothing is there. */
const LOOK_MS = 4_000;

/**
 * The end of the history, read once for all who follow. Keeps the newest entries, so that those who are nearly there
 * need not ask Redis. Reads only while somebody waits.
 */
export class EventTail {
  readonly #history: History;
  /** By the entry before; each follows on the one in front of it. */
  readonly #entries = new Map<string, HistoryEntry>();
  readonly #waiting = new Set<() => void>();
  readonly #over = new AbortController();
  #keptEvents = 0;
  #position: string | undefined;
  #turn = 0;
  #lastWaitAt = 0;
  #lastLookAt = 0;

  constructor(history: History) {
    this.#history = history;
  }

  /** How far it has read; `undefined` while it does not. */
  get position(): string | undefined {
    return this.#position;
  }

  /** Changes whenever it has read on or begun elsewhere. */
  get turn(): number {
    return this.#turn;
  }

  /** The entry that follows on one, if it is at hand. */
  entryAfter(id: string): HistoryEntry | undefined {
    return this.#entries.get(id);
  }

  /** Calls once something has changed. Answers the function that takes it back. Reads from the entry `id` if it rests. */
  onChange(id: string, changed: () => void): () => void {
    this.#waiting.add(changed);
    if (this.#position === undefined && !this.#over.signal.aborted) {
      this.#position = id;
      void this.#run();
    }
    return () => this.#waiting.delete(changed);
  }

  close(): void {
    this.#over.abort();
    this.#tell();
  }

  async #run(): Promise<void> {
    this.#lastWaitAt = performance.now();
    while (this.#isNeeded()) {
      try {
        await this.#read();
      } catch {
        const { signal } = this.#over;
        await sleep(REST_MS, undefined, { signal }).catch(() => {});
      }
    }
    this.#begin(undefined);
  }

  #isNeeded(): boolean {
    if (this.#waiting.size > 0) this.#lastWaitAt = performance.now();
    return !this.#over.signal.aborted && performance.now() - this.#lastWaitAt < IDLE_MS;
  }

  async #read(): Promise<void> {
    const position = this.#position ?? '';
    const entries = await this.#history.next(position);
    if (entries.length > 0) return this.#append(entries);
    // Nothing comes either when the history begins anew with older ids, so now and then it is asked for its end.
    if (performance.now() - this.#lastLookAt < LOOK_MS) return;
    this.#lastLookAt = performance.now();
    const { last, after } = await this.#history.look(position);
    if (after.length > 0) this.#append(after);
    else if (last !== position) this.#begin(last);
  }

  #append(entries: readonly HistoryEntry[]): void {
    for (const entry of entries) {
      if (!follows(entry, this.#position)) this.#begin(entry.previous);
      this.#entries.set(this.#position ?? '', entry);
      this.#position = entry.id;
      this.#keptEvents += entry.events.length;
    }
    this.#forgetTheOldest();
    this.#tell();
  }

  #forgetTheOldest(): void {
    for (const [before, { events }] of this.#entries) {
      if (this.#entries.size <= KEPT_ENTRIES && this.#keptEvents <= KEPT_EVENTS) return;
      this.#entries.delete(before);
      this.#keptEvents -= events.length;
    }
  }

  #begin(position: string | undefined): void {
    this.#entries.clear();
    this.#keptEvents = 0;
    this.#position = position;
    this.#tell();
  }

  #tell(): void {
    this.#turn += 1;
    for (const changed of [...this.#waiting]) changed();
  }
}

/** Whether nothing is missing between a place and an entry. A store without a history is the place before its first. */
export function follows(entry: HistoryEntry, place: string | undefined): boolean {
  return entry.previous === place || (place === '' && entry.isFirst);
}

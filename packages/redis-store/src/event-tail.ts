import { setTimeout as sleep } from 'node:timers/promises';

import type { History } from './history.ts';
import { eventsFor, follows, type HistoryEntry } from './history-entry.ts';
import { Sleepers, type Wake } from './sleepers.ts';

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
  readonly #sleepers = new Sleepers();
  readonly #over = new AbortController();
  #keptEvents = 0;
  #position: string | undefined;
  #turn = 0;
  #begun = 0;
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

  /** Changes whenever it has begun elsewhere. */
  get begun(): number {
    return this.#begun;
  }

  /**
   * The entry that follows on one, if it is at hand. For who reads of a job, those that have nothing of it are passed
   * over as far as they are at hand.
   */
  entryAfter(id: string, jobId: string | undefined): HistoryEntry | undefined {
    let entry = this.#entries.get(id);
    while (entry !== undefined && eventsFor(jobId, entry.events).length === 0) {
      const next = this.#entries.get(entry.id);
      if (next === undefined) break;
      entry = next;
    }
    return entry;
  }

  /**
   * Calls `wake` with where to read on, for one who has read as far as an entry: once there is something for it, or once
   * nobody can tell. While entries come that have nothing for it, it is taken along. Answers the function that takes it
   * back. Reads from there if it rests.
   */
  sleep(id: string, jobId: string | undefined, wake: Wake): () => void {
    if (this.#position === undefined && !this.#over.signal.aborted) {
      this.#position = id;
      void this.#run();
    }
    // Who stands elsewhere may know already what comes here, so it is not taken along.
    if (this.#position !== id) return this.#sleepers.add(undefined, () => wake(id));
    return this.#sleepers.add(jobId, wake);
  }

  close(): void {
    this.#over.abort();
    this.#wakeAll();
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
    if (!this.#sleepers.isEmpty) this.#lastWaitAt = performance.now();
    return !this.#over.signal.aborted && performance.now() - this.#lastWaitAt < IDLE_MS;
  }

  async #read(): Promise<void> {
    const position = this.#position ?? '';
    const entries = await this.#history.next(position);
    if (entries.length > 0) return this.#append(entries);
    // Nothing comes either when the history begins anew with older ids, so now and then it is asked for its end.
    if (performance.now() - this.#lastLookAt < LOOK_MS) return;
    this.#lastLookAt = performance.now();
    const { last, after } = await this.#history.lookNow(position);
    if (after.length > 0) this.#append(after);
    else if (last !== position) this.#begin(last);
  }

  #append(entries: readonly HistoryEntry[]): void {
    for (const entry of entries) {
      if (!follows(entry, this.#position)) this.#begin(entry.previous);
      const place = this.#position ?? '';
      this.#entries.set(place, entry);
      this.#position = entry.id;
      this.#keptEvents += entry.events.length;
      this.#turn += 1;
      this.#sleepers.wake(entry, place);
    }
    this.#forgetTheOldest();
  }

  #forgetTheOldest(): void {
    for (const [before, { events }] of this.#entries) {
      if (this.#entries.size <= KEPT_ENTRIES && this.#keptEvents <= KEPT_EVENTS) return;
      this.#entries.delete(before);
      this.#keptEvents -= events.length;
    }
  }

  /** Nobody can tell what was between: all look for themselves, from where they were taken along to. */
  #begin(position: string | undefined): void {
    this.#wakeAll();
    this.#begun += 1;
    this.#entries.clear();
    this.#keptEvents = 0;
    this.#position = position;
  }

  #wakeAll(): void {
    this.#turn += 1;
    this.#sleepers.wakeAll(this.#position ?? '');
  }
}

import type { Stats } from '@imgferry/core';

type Minute = Stats['minutes'][number];
type Counts = Pick<Minute, 'complete' | 'failed' | 'bytes'>;

const MINUTE_MS = 60_000;
const KEPT_MINUTES = 60;

/** What was settled in each of the last 60 minutes in which something was. */
export class MinuteBuckets {
  #minutes: Minute[] = [];

  add(counts: Partial<Counts>, now: number): void {
    const at = now - (now % MINUTE_MS);
    const last = this.#minutes.at(-1);
    // A clock that was set back goes on counting where it was.
    const current = last !== undefined && last.at >= at ? last : this.#begin(at);
    this.#minutes[this.#minutes.length - 1] = {
      at: current.at,
      complete: current.complete + (counts.complete ?? 0),
      failed: current.failed + (counts.failed ?? 0),
      bytes: current.bytes + (counts.bytes ?? 0),
    };
  }

  list(): readonly Minute[] {
    return [...this.#minutes];
  }

  #begin(at: number): Minute {
    const minute: Minute = { at, complete: 0, failed: 0, bytes: 0 };
    this.#minutes.push(minute);
    if (this.#minutes.length > KEPT_MINUTES) this.#minutes.shift();
    return minute;
  }
}

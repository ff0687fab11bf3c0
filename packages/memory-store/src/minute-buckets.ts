import type { Stats } from '@imgferry/core';
import { DurationCounts } from './duration-counts.ts';

type Minute = Stats['minutes'][number];
type Counts = Pick<Minute, 'complete' | 'failed' | 'bytes'>;

/** A minute that may still be counted in. */
interface OpenMinute extends Counts {
  readonly at: number;
  complete: number;
  failed: number;
  bytes: number;
  readonly durations: DurationCounts;
}

const MINUTE_MS = 60_000;
const KEPT_MINUTES = 60;

/** What was settled in each of the last 60 minutes in which something was. */
export class MinuteBuckets {
  readonly #minutes: OpenMinute[] = [];

  add(counts: Partial<Counts>, now: number): void {
    const minute = this.#at(now);
    minute.complete += counts.complete ?? 0;
    minute.failed += counts.failed ?? 0;
    minute.bytes += counts.bytes ?? 0;
  }

  /** Something that is counted in this minute took so long. */
  addDuration(ms: number, now: number): void {
    this.#at(now).durations.add(ms);
  }

  list(): readonly Minute[] {
    return this.#minutes.map(({ durations, ...minute }) => ({ ...minute, durations: durations.read() }));
  }

  #at(now: number): OpenMinute {
    const at = now - (now % MINUTE_MS);
    const last = this.#minutes.at(-1);
    // A clock that was set back goes on counting where it was.
    return last !== undefined && last.at >= at ? last : this.#begin(at);
  }

  #begin(at: number): OpenMinute {
    const minute = { at, complete: 0, failed: 0, bytes: 0, durations: new DurationCounts() };
    this.#minutes.push(minute);
    if (this.#minutes.length > KEPT_MINUTES) this.#minutes.shift();
    return minute;
  }
}

import { type Durations, durationBoundsMs } from '@imgferry/core';

/** How long things took, counted in buckets. */
export class DurationCounts {
  readonly #counts: number[] = new Array<number>(durationBoundsMs.length + 1).fill(0);
  #sumMs = 0;

  add(ms: number): void {
    const bucket = durationBoundsMs.findIndex((bound) => ms <= bound);
    const place = bucket < 0 ? durationBoundsMs.length : bucket;
    this.#counts[place] = (this.#counts[place] ?? 0) + 1;
    this.#sumMs += ms;
  }

  read(): Durations {
    return { counts: [...this.#counts], sumMs: this.#sumMs };
  }
}

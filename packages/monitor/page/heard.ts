import type { Clock } from './clock.ts';

/** When the server was heard last, and what time it has. */
export class Heard {
  readonly #clock: Clock;
  /** What the stream has told of. The first word of a path may be a repetition, with the time at which it was new. */
  readonly #toldOf = new Set<string>();
  #knowsTime = false;
  #at: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** By the clock of the server. */
  get at(): number | undefined {
    return this.#at;
  }

  /** Another stream begins. */
  begin(): void {
    this.#toldOf.clear();
  }

  /** The server tells its time. */
  time(now: number): void {
    this.#clock.hear(now);
    this.#knowsTime = true;
  }

  of(path: string, now: number): void {
    if (this.#toldOf.has(path) || !this.#knowsTime) this.time(now);
    this.#toldOf.add(path);
    this.#at = now;
  }
}

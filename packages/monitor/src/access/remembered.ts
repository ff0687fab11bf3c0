const forMs = 3_600_000;
const most = 10_000;

/** Knows what was added within the hour, the newest of it when it is very much. */
export class Remembered {
  /** When each was added, the oldest first. */
  readonly #times = new Map<string, number>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  add(key: string): void {
    this.#times.delete(key);
    this.#times.set(key, this.#now());
    const [oldest] = this.#times.keys();
    if (this.#times.size > most && oldest !== undefined) this.#times.delete(oldest);
  }

  has(key: string): boolean {
    const added = this.#times.get(key);
    return added !== undefined && this.#now() - added < forMs;
  }
}

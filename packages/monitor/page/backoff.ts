const SHORTEST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 10_000;

/** For how long to wait before the next try: twice as long each time, until one succeeds. */
export class Backoff {
  #pauseMs = SHORTEST_PAUSE_MS;

  next(): number {
    const pauseMs = this.#pauseMs;
    this.#pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    return pauseMs;
  }

  succeed(): void {
    this.#pauseMs = SHORTEST_PAUSE_MS;
  }
}

import { type Problem, type Reading, UNREAD } from './reading.ts';
import { tell } from './tell.ts';

const KEPT_READINGS = 30;

/**
 * Who shows which paths below `api/`, and what was read of each. What was read before stays until something newer comes,
 * so that going back shows something at once.
 */
export class Watches {
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #readings = new Map<string, Reading>();
  /** What the server says can not be watched, while somebody wants to. */
  readonly #unwatchable = new Set<string>();

  /** What to watch, in an order of its own. */
  get paths(): readonly string[] {
    return [...this.#listeners.keys()].filter((path) => !this.#unwatchable.has(path)).toSorted();
  }

  /** Whether the server is there, and of something that is shown it can not tell how it is now. */
  get areBehind(): boolean {
    return [...this.#listeners.keys()].some((path) => (this.read(path).problem?.status ?? 0) >= 500);
  }

  has(path: string): boolean {
    return this.#listeners.has(path);
  }

  read(path: string): Reading {
    return this.#readings.get(path) ?? UNREAD;
  }

  /** A path is shown until the answer is called. */
  add(path: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(path) ?? new Set();
    this.#listeners.set(path, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size > 0 || this.#listeners.get(path) !== listeners) return;
      this.#listeners.delete(path);
      this.#unwatchable.delete(path);
    };
  }

  keep(path: string, reading: Reading): void {
    this.#readings.delete(path);
    this.#readings.set(path, reading);
    if (this.#readings.size > KEPT_READINGS) this.#forgetOldest();
    tell(this.#listeners.get(path));
  }

  /** It can not be read now. What was known of it stays. */
  trouble(path: string, problem: Problem): void {
    this.keep(path, { ...this.read(path), problem });
  }

  /** It is not watched as long as it is shown. */
  giveUp(path: string, problem: Problem): void {
    this.#unwatchable.add(path);
    this.trouble(path, problem);
  }

  #forgetOldest(): void {
    for (const path of this.#readings.keys())
      if (!this.#listeners.has(path)) return void this.#readings.delete(path);
  }
}

import { LoopHold } from './loop-hold.ts';
import { monotonicMs } from './stopwatch.ts';

/** A job that is to be submitted. */
export interface Wanted {
  readonly urls: number;
  /** The number in its title, by which the host tells when it came. */
  readonly clock?: number;
}

/** What a submit came to. */
export interface Submitted {
  /** When it was called, by {@link monotonicMs}. */
  readonly atMs: number;
  readonly tookMs: number;
  /** For how long at most the process did nothing else meanwhile. */
  readonly heldMs: number;
}

/** What a process that takes jobs in can be asked for. */
export type Taker = {
  readonly submit: (wanted: Wanted) => Promise<Submitted>;
};

/** What a process that works on jobs can be asked for. */
export type Worker = {
  /** Resolves once so many pictures have a link, since it was started. */
  readonly completed: (count: number) => Promise<void>;
};

/** Times the submits of a process that takes jobs in. */
export function takerOf(
  server: string,
  submit: (urls: readonly string[], title: string | undefined) => Promise<unknown>,
): Taker {
  let jobs = 0;
  return {
    async submit({ urls: count, clock }) {
      jobs += 1;
      const urls = Array.from(
        { length: count },
        (_, index) => `${server}/a-folder-of-some-length/${jobs}/${index}.jpg`,
      );
      const hold = new LoopHold();
      const atMs = monotonicMs();
      await submit(urls, clock === undefined ? undefined : `clock-${clock}`);
      return { atMs, tookMs: monotonicMs() - atMs, heldMs: hold.stop() };
    },
  };
}

/** Counts the pictures that have a link. */
export class Completed {
  #count = 0;
  #failed: string | undefined;
  #look: () => void = () => {};

  add(): void {
    this.#count += 1;
    this.#look();
  }

  fail(reason: string): void {
    this.#failed ??= reason;
    this.#look();
  }

  /** Resolves once there are so many. Rejects when one has failed. */
  reach(count: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#look = () => {
        if (this.#failed !== undefined) reject(new Error(`a picture is lost: ${this.#failed}`));
        else if (this.#count >= count) resolve();
      };
      this.#look();
    });
  }
}

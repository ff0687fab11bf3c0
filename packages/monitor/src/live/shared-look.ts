import { isOurs, type Problem, problemOf, problemView } from '../problem.ts';
import type { Waiter } from '../read/turns.ts';

/** What a look has seen, as JSON: a value, or the problem that there was. */
export interface Sighting {
  readonly event: 'change' | 'trouble';
  readonly json: string;
}

/** What a shared look needs. */
export interface SharedLookParts {
  readonly read: (waiter: Waiter) => Promise<unknown>;
  readonly refreshMs: number;
  /** How many looks there are, this one among them. */
  readonly looks: () => number;
  /** Told of what is a fault of ours, once. */
  readonly onFault: (error: unknown) => void;
  /** Called when nobody watches any more. */
  readonly onEnd: () => void;
}

/** However much happens, nobody looks more often, but after what somebody did here. */
const leastMs = 250;
/** A look rests so many times as long as it took, for each look that there is: all of them take a tenth of the time. */
const restFactor = 10;
/** But no longer than this, in milliseconds: as many as that do not suffice for take turns at what is dear. */
const longestRestMs = 30_000;

/**
 * Looks at one thing again and again for all who watch it, one look after the other, and tells what has changed. It
 * begins with the first who watches, and ends with the last.
 */
export class SharedLook {
  readonly #parts: SharedLookParts;
  readonly #watchers = new Set<(sighting: Sighting) => void>();
  #last: Sighting | undefined;
  #isLooking = false;
  #isHurried = false;
  #isToTell = false;
  /** How long it rests at least, in milliseconds. */
  #restMs = 0;
  #leaving = new AbortController();
  #wake: (afterMs: number) => void = () => {};

  constructor(parts: SharedLookParts) {
    this.#parts = parts;
  }

  /** Tells what was seen last, and then what is seen. Answers how to leave. */
  watch(see: (sighting: Sighting) => void): () => void {
    this.#watchers.add(see);
    if (this.#last !== undefined) see(this.#last);
    if (!this.#isLooking) void this.#lookOn();
    return () => {
      this.#watchers.delete(see);
      if (this.#watchers.size > 0) return;
      this.#leaving.abort();
      this.#wake(0);
    };
  }

  /** Something has happened: look sooner. */
  hurry(): void {
    this.#isHurried = true;
    this.#wake(this.#hurriedMs());
  }

  /** Somebody has changed something: look at once, after the look that is under way, and tell even what is as it was. */
  lookAgain(): void {
    this.#isToTell = true;
    this.#wake(0);
  }

  async #lookOn(): Promise<void> {
    this.#isLooking = true;
    while (this.#watchers.size > 0) {
      const isToTell = this.#isToTell;
      this.#isHurried = false;
      this.#isToTell = false;
      // Whatever a logger or a watcher throws, it must not end the process.
      await this.#look(isToTell).catch(() => {});
      if (this.#watchers.size > 0) await this.#rest();
    }
    this.#isLooking = false;
    this.#parts.onEnd();
  }

  async #look(isToTell: boolean): Promise<void> {
    let begunAt = performance.now();
    const onTurn = (): void => {
      begunAt = performance.now();
    };
    this.#restMs = 0;
    this.#leaving = new AbortController();
    const { signal } = this.#leaving;
    try {
      const value = await this.#parts.read({ signal, onTurn });
      this.#restMs = restFactor * this.#parts.looks() * (performance.now() - begunAt);
      this.#tell('change', JSON.stringify(value), isToTell);
    } catch (error) {
      // Who came after all had left is to be told what there is, and not that nobody wanted to know.
      if (signal.aborted) return this.lookAgain();
      const problem = problemOf(error);
      if (this.#tellTrouble(problem, isToTell) && isOurs(problem)) this.#parts.onFault(error);
    }
  }

  #tellTrouble(problem: Problem, isToTell = false): boolean {
    return this.#tell('trouble', JSON.stringify(problemView(problem)), isToTell);
  }

  /** Answers whether it is something new. */
  #tell(event: Sighting['event'], json: string, isToTell: boolean): boolean {
    const isNew = this.#last?.event !== event || this.#last.json !== json;
    if (!isNew && !isToTell) return false;
    this.#last = { event, json };
    for (const see of this.#watchers) see(this.#last);
    return isNew;
  }

  #hurriedMs(): number {
    return Math.max(leastMs, this.#restMs);
  }

  async #rest(): Promise<void> {
    if (this.#isToTell) return;
    const refreshMs = Math.max(this.#parts.refreshMs, Math.min(this.#restMs, longestRestMs));
    const begunAt = performance.now();
    const rested = Promise.withResolvers<void>();
    let timer = setTimeout(
      rested.resolve,
      this.#isHurried ? Math.min(this.#hurriedMs(), refreshMs) : refreshMs,
    );
    this.#wake = (afterMs) => {
      clearTimeout(timer);
      const restedMs = performance.now() - begunAt;
      timer = setTimeout(rested.resolve, Math.max(0, Math.min(afterMs, refreshMs) - restedMs));
    };
    await rested.promise;
    this.#wake = () => {};
  }
}

import { ConditionWaits } from './condition-waits.ts';

/** What is stopped by hand, so that a test can look at the moment between two steps. */
export interface Hold {
  /** How many are held now. */
  readonly waiting: number;
  /** Resolves when at least so many are held at once. */
  waitFor(count: number, options?: { readonly signal?: AbortSignal }): Promise<void>;
  /** Lets those that are held go on, and stops holding others. Releasing twice is releasing once. */
  release(): void;
}

/** What a hold stops. */
export interface HoldOptions {
  /** Hold only so many, one after the other; those after them pass. @default Infinity */
  readonly times?: number;
}

/** A place that holds can stop. */
export class Holds {
  readonly #open = new Set<OneHold>();

  add(options: HoldOptions = {}): Hold {
    const hold = new OneHold(options.times ?? Number.POSITIVE_INFINITY, () => this.#open.delete(hold));
    this.#open.add(hold);
    return hold;
  }

  /** Whether there is any hold; cheaper to ask than to pass. */
  get any(): boolean {
    return this.#open.size > 0;
  }

  /** Resolves when nothing holds the caller any more. Rejects with the signal's reason when it aborts. */
  async pass(signal?: AbortSignal): Promise<void> {
    for (const hold of this.#open) {
      if (hold.hasRoom) return hold.enter(signal);
    }
  }

  releaseAll(): void {
    for (const hold of this.#open) hold.release();
  }
}

class OneHold implements Hold {
  readonly #waits = new ConditionWaits();
  readonly #onReleased: () => void;
  #roomFor: number;
  #released = false;
  waiting = 0;

  constructor(times: number, onReleased: () => void) {
    this.#roomFor = times;
    this.#onReleased = onReleased;
  }

  get hasRoom(): boolean {
    return this.#roomFor > 0;
  }

  async enter(signal: AbortSignal | undefined): Promise<void> {
    this.#roomFor -= 1;
    this.waiting += 1;
    this.#waits.changed();
    try {
      await this.#waits.until(() => this.#released, signal);
    } finally {
      this.waiting -= 1;
    }
  }

  waitFor(count: number, options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    return this.#waits.until(() => this.waiting >= count, options.signal);
  }

  release(): void {
    this.#released = true;
    this.#onReleased();
    this.#waits.changed();
  }
}

import { Problem } from '../problem.ts';
import { inTime } from './in-time.ts';

/** So many different tasks wait for their turn; one more is told to come back. */
const mostWaiting = 1_000;
/** So long a task waits for its turn, in milliseconds. */
const longestWaitMs = 10_000;
const retryMs = 5_000;

/** Somebody who wants what a task comes to. */
export interface Waiter {
  /** Aborts when it is wanted no more. A task that nobody wants is not begun. */
  readonly signal: AbortSignal;
  /** Called when its turn has come. */
  readonly onTurn?: () => void;
}

interface Waiting {
  readonly waiters: Set<Waiter>;
  readonly turn: PromiseWithResolvers<void>;
  readonly answer: Promise<unknown>;
  readonly timer: ReturnType<typeof setTimeout>;
}

/**
 * Lets one task run at a time, in the order in which they came. Those who wait for the same share what it comes to, and
 * nobody is given what was begun before they asked.
 */
export class Turns {
  readonly #waiting = new Map<string, Waiting>();
  #isTaken = false;

  /** What the task of a name comes to, once its turn has come. @throws Problem when too many wait, or for too long */
  async take<Value>(name: string, task: () => Promise<Value>, waiter: Waiter): Promise<Value> {
    const waiting = this.#waiting.get(name) ?? this.#join(name, task);
    waiting.waiters.add(waiter);
    this.#next();
    const leave = (): void => this.#leave(name, waiting, waiter);
    waiter.signal.addEventListener('abort', leave);
    if (waiter.signal.aborted) leave();
    try {
      return (await waiting.answer) as Value;
    } finally {
      waiter.signal.removeEventListener('abort', leave);
    }
  }

  #join(name: string, task: () => Promise<unknown>): Waiting {
    if (this.#waiting.size >= mostWaiting) throw full();
    const turn = Promise.withResolvers<void>();
    const waiting: Waiting = {
      waiters: new Set(),
      turn,
      answer: this.#run(turn.promise, task),
      timer: setTimeout(() => this.#turnAway(name, waiting), longestWaitMs),
    };
    this.#waiting.set(name, waiting);
    return waiting;
  }

  async #run(turn: Promise<void>, task: () => Promise<unknown>): Promise<unknown> {
    await turn;
    try {
      return await inTime(task);
    } finally {
      this.#isTaken = false;
      this.#next();
    }
  }

  #next(): void {
    const [first] = this.#waiting;
    if (this.#isTaken || first === undefined) return;
    const [name, { waiters, turn, timer }] = first;
    this.#isTaken = true;
    this.#waiting.delete(name);
    clearTimeout(timer);
    for (const { onTurn } of waiters) onTurn?.();
    turn.resolve();
  }

  #leave(name: string, waiting: Waiting, waiter: Waiter): void {
    waiting.waiters.delete(waiter);
    if (waiting.waiters.size === 0) this.#turnAway(name, waiting);
  }

  /** Of what has begun nothing is taken back. */
  #turnAway(name: string, waiting: Waiting): void {
    if (this.#waiting.get(name) !== waiting) return;
    this.#waiting.delete(name);
    clearTimeout(waiting.timer);
    waiting.turn.reject(full());
  }
}

function full(): Problem {
  return Problem.later('full', 'too many lists are asked for now', retryMs);
}

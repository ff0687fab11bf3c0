import { Problem } from '../problem.ts';
import { inTime } from './in-time.ts';

/** So many wait for their turn; one more is told to come back. */
const mostWaiting = 1_000;
const retryMs = 5_000;

/** Lets one task run at a time, in the order in which they came. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** What the task comes to, once its turn has come. @throws Problem when too many wait */
  async take<Value>(task: () => Promise<Value>): Promise<Value> {
    if (this.#waiting >= mostWaiting) throw Problem.later('full', 'too many look for jobs now', retryMs);
    this.#waiting += 1;
    const mine = this.#last
      .then(() => inTime(task))
      .finally(() => {
        this.#waiting -= 1;
      });
    this.#last = mine.catch(() => {});
    return mine;
  }
}

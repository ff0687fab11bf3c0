import { StoreUnavailableError } from '@imgferry/core';

/** How many wait for one turn. */
const MOST_WAITING = 32;

/** Has what goes by one name done one after the other in this process. Of a name that nobody waits for it keeps nothing. */
export class Turns {
  readonly #lines = new Map<string, { length: number; last: Promise<unknown> }>();

  /** How many names somebody waits for. */
  get size(): number {
    return this.#lines.size;
  }

  /**
   * Takes a step when it is its turn.
   * @throws StoreUnavailableError at once when too many wait before it; nothing of it is done then
   */
  async take<Answer>(name: string, step: () => Promise<Answer>): Promise<Answer> {
    const line = this.#lines.get(name) ?? { length: 0, last: Promise.resolve() };
    if (line.length > MOST_WAITING) throw tooManyChoose();
    this.#lines.set(name, line);
    line.length += 1;
    const mine = line.last.then(step);
    line.last = mine.catch(() => {});
    try {
      return await mine;
    } finally {
      line.length -= 1;
      if (line.length === 0) this.#lines.delete(name);
    }
  }
}

/** The store is well; so many retries choose from one job that this one was not begun, or gave up. */
export function tooManyChoose(): StoreUnavailableError {
  return new StoreUnavailableError('too many retries choose from this job at once; nothing was changed');
}

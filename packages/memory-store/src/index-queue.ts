/** A queue of places in a job. Whole lists join it in one step, however long they are, and are read as it moves on. */
export class IndexQueue {
  readonly #lists: Iterator<number>[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Appends a list that nobody changes from now on. */
  append(indexes: Iterable<number>, size: number): void {
    if (size === 0) return;
    this.#lists.push(indexes[Symbol.iterator]());
    this.#size += size;
  }

  shift(): number | undefined {
    for (let list = this.#lists[0]; list !== undefined; list = this.#lists[0]) {
      const { done, value } = list.next();
      if (!done) {
        this.#size -= 1;
        return value;
      }
      this.#lists.shift();
    }
    return undefined;
  }
}

/**
 * The newest items of a list that only grows. Every item has a position, which it keeps when older ones are dropped,
 * so that a reader can come back to where it was.
 */
export class Tail<Item> {
  readonly #maxItems: number;
  #items: Item[] = [];
  /** The position of `#items[0]`; what is between it and `first` was dropped and waits to be cut off. */
  #base = 0;
  #first = 0;

  constructor(maxItems: number) {
    this.#maxItems = maxItems;
  }

  /** The position of the oldest item that is kept. */
  get first(): number {
    return this.#first;
  }

  /** The position that the next item will have. */
  get end(): number {
    return this.#base + this.#items.length;
  }

  append(item: Item): void {
    this.#items.push(item);
    this.#first = Math.max(this.#first, this.end - this.#maxItems);
    // Cutting off half at a time moves each item once on average, and keeps at most twice what is asked for.
    if (this.#first - this.#base > this.#items.length / 2) this.#cutOff();
  }

  at(position: number): Item | undefined {
    return position < this.#first ? undefined : this.#items[position - this.#base];
  }

  /** At most `limit` items from a position on, or from the oldest that is kept. */
  slice(position: number, limit: number): readonly Item[] {
    const start = Math.max(position, this.#first) - this.#base;
    return this.#items.slice(start, start + limit);
  }

  #cutOff(): void {
    this.#items = this.#items.slice(this.#first - this.#base);
    this.#base = this.#first;
  }
}

interface Place<Item> {
  readonly item: Item;
  previous: Place<Item> | undefined;
  next: Place<Item> | undefined;
}

/**
 * Those whose turn it will be, in order. A linked list, because whoever leaves (a job that is paused) may stand
 * anywhere in it, and neither leaving nor taking a turn may cost more when more are waiting.
 */
export class Round<Item> {
  readonly #places = new Map<Item, Place<Item>>();
  #head: Place<Item> | undefined;
  #tail: Place<Item> | undefined;

  get size(): number {
    return this.#places.size;
  }

  /** Whose turn it is. */
  get head(): Item | undefined {
    return this.#head?.item;
  }

  has(item: Item): boolean {
    return this.#places.has(item);
  }

  /** Lines an item up as the last. One that is in the round already keeps its place. */
  join(item: Item): void {
    if (this.#places.has(item)) return;
    const place: Place<Item> = { item, previous: this.#tail, next: undefined };
    if (this.#tail === undefined) this.#head = place;
    else this.#tail.next = place;
    this.#tail = place;
    this.#places.set(item, place);
  }

  leave(item: Item): void {
    const place = this.#places.get(item);
    if (place === undefined) return;
    this.#places.delete(item);
    if (place.previous === undefined) this.#head = place.next;
    else place.previous.next = place.next;
    if (place.next === undefined) this.#tail = place.previous;
    else place.next.previous = place.previous;
  }
}

interface Entry<Item> {
  readonly item: Item;
  at: number;
  /** Tells which of two entries of the same time was set first. */
  order: number;
  place: number;
}

/** Items by a time, earliest first; of equal times the one set first. An item is in it at most once. */
export class TimeHeap<Item> {
  readonly #heap: Entry<Item>[] = [];
  readonly #entries = new Map<Item, Entry<Item>>();
  #order = 0;

  get size(): number {
    return this.#heap.length;
  }

  /** The earliest item and its time. */
  get first(): { readonly item: Item; readonly at: number } | undefined {
    return this.#heap[0];
  }

  /** Puts an item in, or moves it to another time. */
  set(item: Item, at: number): void {
    let entry = this.#entries.get(item);
    if (entry === undefined) {
      entry = { item, at, order: 0, place: this.#heap.length };
      this.#entries.set(item, entry);
      this.#heap.push(entry);
    }
    entry.at = at;
    entry.order = ++this.#order;
    this.#settle(entry);
  }

  delete(item: Item): boolean {
    const entry = this.#entries.get(item);
    if (entry === undefined) return false;
    this.#entries.delete(item);
    const last = this.#heap.pop();
    if (last !== undefined && last !== entry) {
      this.#put(last, entry.place);
      this.#settle(last);
    }
    return true;
  }

  /** Takes out the earliest item if its time has come. */
  takeDue(now: number): Item | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.at > now) return undefined;
    this.delete(first.item);
    return first.item;
  }

  /** How many are due. Costs as much as there are of them. */
  countDue(now: number): number {
    const places = [0];
    let count = 0;
    for (let place = places.pop(); place !== undefined; place = places.pop()) {
      if ((this.#heap[place]?.at ?? Number.POSITIVE_INFINITY) > now) continue;
      count += 1;
      places.push(2 * place + 1, 2 * place + 2);
    }
    return count;
  }

  /** Takes out all items, the earliest first, each when it is asked for. */
  *drain(): Generator<Item> {
    for (let first = this.first; first !== undefined; first = this.first) {
      this.delete(first.item);
      yield first.item;
    }
  }

  #settle(entry: Entry<Item>): void {
    this.#rise(entry);
    this.#sink(entry);
  }

  #rise(entry: Entry<Item>): void {
    while (entry.place > 0) {
      const place = entry.place;
      const parent = this.#heap[(place - 1) >> 1];
      if (parent === undefined || !isBefore(entry, parent)) return;
      this.#put(entry, parent.place);
      this.#put(parent, place);
    }
  }

  #sink(entry: Entry<Item>): void {
    for (;;) {
      const place = entry.place;
      const child = this.#earlierChild(place);
      if (child === undefined || !isBefore(child, entry)) return;
      this.#put(entry, child.place);
      this.#put(child, place);
    }
  }

  #earlierChild(place: number): Entry<Item> | undefined {
    const left = this.#heap[2 * place + 1];
    const right = this.#heap[2 * place + 2];
    if (left === undefined || right === undefined) return left;
    return isBefore(right, left) ? right : left;
  }

  #put(entry: Entry<Item>, place: number): void {
    this.#heap[place] = entry;
    entry.place = place;
  }
}

function isBefore<Item>(a: Entry<Item>, b: Entry<Item>): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

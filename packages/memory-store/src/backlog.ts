import { IndexQueue } from './index-queue.ts';
import type { HeldLease } from './lease-table.ts';
import { TimeHeap } from './time-heap.ts';

/** What a turn of a job gives: an upload, and the lease that ran out if it had one. */
export interface Claimable {
  readonly index: number;
  readonly expired: HeldLease | undefined;
}

/**
 * Which uploads of one job can be claimed, and when. Every upload that is neither held nor complete is in exactly one
 * place: past the cursor (it never ran), delayed, again, or failed.
 */
export class Backlog {
  readonly #total: number;
  /** The cursor: nothing from here on was ever claimed. */
  #next = 0;
  #delayed = new TimeHeap<number>();
  #again = new IndexQueue();
  #failed: number[] = [];
  /** Leases that ran out, in that order. Some may have been settled or extended since. */
  #expired: HeldLease[] = [];

  constructor(total: number) {
    this.#total = total;
  }

  get failed(): readonly number[] {
    return this.#failed;
  }

  /** How many uploads were given back to be tried again from a time on, and have not been since. */
  get delayed(): number {
    return this.#delayed.size;
  }

  /** When the next delay is over. */
  get nextAt(): number | undefined {
    return this.#delayed.first?.at;
  }

  hasClaimable(now: number): boolean {
    return (
      this.#firstExpired() !== undefined ||
      (this.#delayed.first?.at ?? Number.POSITIVE_INFINITY) <= now ||
      this.#again.size > 0 ||
      this.#next < this.#total
    );
  }

  /** Whose turn it is: what ran before goes first. */
  take(now: number): Claimable | undefined {
    const expired = this.#firstExpired();
    if (expired !== undefined) {
      this.#expired.shift();
      return { index: expired.index, expired };
    }
    const index = this.#delayed.takeDue(now) ?? this.#again.shift() ?? this.#takeUntouched();
    return index === undefined ? undefined : { index, expired: undefined };
  }

  delay(index: number, at: number): void {
    this.#delayed.set(index, at);
  }

  expire(lease: HeldLease): void {
    this.#expired.push(lease);
  }

  /** It was extended after all. */
  unexpire(lease: HeldLease): void {
    const place = this.#expired.indexOf(lease);
    if (place >= 0) this.#expired.splice(place, 1);
  }

  fail(index: number): void {
    this.#failed.push(index);
  }

  /**
   * Runs all that failed again: of a cancelled job that is everything that has no link, delayed or not. What was delayed
   * goes first, in the order in which it was due.
   */
  retryAll(cancelled: boolean): void {
    if (cancelled) {
      const delayed = this.#delayed;
      this.#delayed = new TimeHeap();
      this.#again.append(delayed.drain(), delayed.size);
    }
    this.#again.append(this.#failed, this.#failed.length);
    this.#failed = [];
  }

  /** Runs some of those that failed again. In a cancelled job nothing but these can be claimed from now on. */
  retrySome(selected: readonly number[], rest: number[], cancelled: boolean): void {
    if (cancelled) {
      this.#next = this.#total;
      this.#delayed = new TimeHeap();
      this.#again = new IndexQueue();
      this.#expired = [];
    }
    this.#again.append(selected, selected.length);
    this.#failed = rest;
  }

  #firstExpired(): HeldLease | undefined {
    while (this.#expired.length > 0 && this.#expired[0]?.state !== 'expired') this.#expired.shift();
    return this.#expired[0];
  }

  #takeUntouched(): number | undefined {
    if (this.#next >= this.#total) return undefined;
    this.#next += 1;
    return this.#next - 1;
  }
}

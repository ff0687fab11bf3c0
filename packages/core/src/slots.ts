import pLimit, { type LimitFunction } from 'p-limit';

import { type Attendance, type Attended, attendLease } from './attend-lease.ts';
import type { HeldLeases } from './held-leases.ts';
import type { Lease } from './lease.ts';
import { maxSlots, whole } from './options.ts';
import { SlotRests } from './slot-rests.ts';

/** Why a transfer was told to end: the worker stops and has waited long enough. */
export class WorkerStops extends Error {
  constructor() {
    super('the worker stops');
  }
}

/** What {@link Slots} needs to know. */
export interface SlotsOptions {
  readonly attendance: Attendance;
  readonly held: HeldLeases;
  readonly slots: number;
  /** Aborts when the worker stops: what is begun after that goes straight back. */
  readonly stopping: AbortSignal;
}

/** An upload of which so many leases have run out fails with the next one that does. */
const expiriesBeforeTheLast = 2;
/** Uploads that have to wait for another one come back after as long as that one has run, between these. */
const shortestRestMs = 100;
const longestRestMs = 2_000;

/** The uploads that a worker runs at once, each in a slot. */
export class Slots {
  /** What became of those that ran. */
  readonly counts: Readonly<Record<Attended, number>>;
  readonly #counts: Record<Attended, number> = {
    complete: 0,
    failed: 0,
    retried: 0,
    released: 0,
    busy: 0,
    lost: 0,
  };
  readonly #attendance: Attendance;
  readonly #held: HeldLeases;
  readonly #stopping: AbortSignal;
  readonly #limit: LimitFunction;
  readonly #rests: SlotRests = new SlotRests(() => this.notify());
  /** When the one upload on its last lease was begun that may run at a time, by `performance.now()`. */
  #lastLeaseSince: number | undefined;
  /** Resolves, and is made anew, whenever something changes that a claim depends on. */
  #change: PromiseWithResolvers<void> = Promise.withResolvers();

  constructor({ attendance, held, slots, stopping }: SlotsOptions) {
    this.counts = this.#counts;
    this.#attendance = attendance;
    this.#held = held;
    this.#stopping = stopping;
    stopping.addEventListener('abort', () => this.#rests.clear(), { once: true });
    this.#limit = pLimit(slots);
  }

  /** How many there are. */
  get count(): number {
    return this.#limit.concurrency;
  }

  /** How many can be filled. */
  get free(): number {
    return Math.max(0, this.count - this.#held.size - this.#rests.size);
  }

  /** Resolves with the next change. */
  get changed(): Promise<void> {
    return this.#change.promise;
  }

  /** Tells of a change, here or of what else decides whether there is a claim. */
  notify(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }

  /** What already runs beyond the new number is finished. */
  resize(slots: number): void {
    this.#limit.concurrency = whole('slots', slots, 1, maxSlots);
    this.notify();
  }

  /**
   * Begins with what a claim brought, and resolves when what can not run beside it has been handed back.
   * @param claimedAt When the claim was sent, by `performance.now()`.
   */
  async begin(leases: readonly Lease[], claimedAt: number): Promise<void> {
    for (const lease of leases) if (!isOnLastLease(lease)) this.#run(lease, this.#hold(lease, claimedAt));
    await this.#takeOnLastLease(leases.filter(isOnLastLease), claimedAt);
  }

  /** Resolves when nothing runs. */
  async idle(): Promise<void> {
    while (this.#held.size > 0) await this.changed;
  }

  /**
   * An image that kills its workers takes the leases of all that run beside it with it. For those that have another one
   * left that is no end. Of those on their last lease one runs at a time: what is handed back waits for it elsewhere.
   */
  async #takeOnLastLease(leases: readonly Lease[], claimedAt: number): Promise<void> {
    const isFree = this.#lastLeaseSince === undefined;
    const [first, others] = isFree ? [leases[0], leases.slice(1)] : [undefined, leases];
    if (first !== undefined) this.#lastLeaseSince = performance.now();
    const signal = first && this.#hold(first, claimedAt);
    // What can not be handed back is told of by the outbox.
    await Promise.allSettled(others.map((lease) => this.#handBack(lease, claimedAt)));
    if (first !== undefined && signal !== undefined) this.#run(first, signal);
  }

  async #handBack(lease: Lease, claimedAt: number): Promise<void> {
    const ranMs = performance.now() - (this.#lastLeaseSince ?? 0);
    const delayMs = Math.min(Math.max(Math.round(ranMs), shortestRestMs), longestRestMs);
    this.#hold(lease, claimedAt);
    try {
      await this.#attendance.outbox.release({ lease, delayMs, countAttempt: false, posts: 0 }, []);
    } finally {
      this.#held.drop(lease);
      this.notify();
    }
  }

  #hold(lease: Lease, claimedAt: number): AbortSignal {
    const signal = this.#held.add(lease, claimedAt);
    // The claim was on its way when the worker was told to stop: its uploads go straight back.
    if (this.#stopping.aborted) this.#held.abort(lease, new WorkerStops());
    return signal;
  }

  #run(lease: Lease, signal: AbortSignal): void {
    void this.#limit(() => this.#attend(lease, signal));
  }

  async #attend(lease: Lease, signal: AbortSignal): Promise<void> {
    try {
      const attended = await attendLease(lease, signal, this.#attendance);
      this.#counts[attended] += 1;
      this.#rest(attended);
    } catch (error) {
      this.#attendance.tell('error', { error, during: `upload ${lease.index} of job ${lease.jobId}` });
    } finally {
      if (isOnLastLease(lease)) this.#lastLeaseSince = undefined;
      this.#held.drop(lease);
      this.notify();
    }
  }

  #rest(after: Attended): void {
    if (after !== 'busy') this.#rests.ran();
    else if (!this.#stopping.aborted) this.#rests.busy(this.count);
  }
}

function isOnLastLease({ expiries }: Lease): boolean {
  return expiries >= expiriesBeforeTheLast;
}

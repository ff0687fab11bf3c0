import pLimit, { type LimitFunction } from 'p-limit';

import { type Attendance, type Attended, attendLease } from './attend-lease.ts';
import type { HeldLeases } from './held-leases.ts';
import type { Lease } from './lease.ts';
import { maxSlots, whole } from './options.ts';
import { togetherMs } from './pace.ts';
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
/** No turn is longer. */
const longestTurn = 16;
/** So many wait for each slot at most. */
const mostAheadPerSlot = 2;
/** So long a lease that was claimed ahead waits for a slot before it is handed back, and at most twice as long. */
const mostAheadMs = 500;
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
  /** Leases that wait for a slot, and since when, by `performance.now()`. */
  readonly #ahead = new Map<Lease, number>();
  /** Until those that have waited too long are handed back. There is none while none waits. */
  #patience: NodeJS.Timeout | undefined;
  /** Leases that are in a slot or wait for one. */
  #begun = 0;
  readonly #rests: SlotRests = new SlotRests(() => this.notify());
  /** When the one upload on its last lease was begun that may run at a time, by `performance.now()`. */
  #lastLeaseSince: number | undefined;
  /** Resolves when something changes that a claim depends on; there is none while nobody waits for it. */
  #change: PromiseWithResolvers<void> | undefined;

  constructor({ attendance, held, slots, stopping }: SlotsOptions) {
    this.counts = this.#counts;
    this.#attendance = attendance;
    this.#held = held;
    this.#stopping = stopping;
    stopping.addEventListener('abort', () => this.#stop(), { once: true });
    this.#limit = pLimit(slots);
  }

  /** How many there are. */
  get count(): number {
    return this.#limit.concurrency;
  }

  /** How many leases there is room for: for the slots that are free, and ahead for those that soon will be. */
  get free(): number {
    const ahead = Math.min(mostAheadPerSlot * this.count, this.#attendance.pace.ahead);
    const room = this.count + ahead - this.#begun - this.#rests.size;
    // As long as some wait here already there is time for a claim that is worth it.
    if (room <= ahead / 2) return 0;
    // A store that is slow to take outcomes is not to be flooded with them.
    return Math.max(0, Math.min(room, 2 * (this.count + ahead) - this.#held.size));
  }

  /** How many uploads of a job are claimed in a row at least: so many as soon have ended anyway. */
  get shortestTurn(): number {
    return Math.max(1, Math.min(longestTurn, this.#attendance.pace.within(togetherMs)));
  }

  /** Resolves with the next change. */
  get changed(): Promise<void> {
    this.#change ??= Promise.withResolvers();
    return this.#change.promise;
  }

  /** Tells of a change, here or of what else decides whether there is a claim. */
  notify(): void {
    this.#change?.resolve();
    this.#change = undefined;
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
    for (const lease of leases) if (!isOnLastLease(lease)) this.#run(lease, this.#held.add(lease, claimedAt));
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
    const signal = first && this.#held.add(first, claimedAt);
    // What can not be handed back is told of by the outbox.
    await Promise.allSettled(others.map((lease) => this.#handBack(lease, claimedAt)));
    if (first !== undefined && signal !== undefined) this.#run(first, signal);
  }

  async #handBack(lease: Lease, claimedAt: number): Promise<void> {
    const ranMs = performance.now() - (this.#lastLeaseSince ?? 0);
    this.#held.add(lease, claimedAt);
    await this.#release(lease, Math.min(Math.max(Math.round(ranMs), shortestRestMs), longestRestMs));
  }

  #run(lease: Lease, signal: AbortSignal): void {
    // The claim was on its way when the worker was told to stop: its uploads go straight back.
    if (this.#stopping.aborted) {
      this.#giveBack(lease);
      return;
    }
    this.#begun += 1;
    this.#ahead.set(lease, performance.now());
    void this.#limit(() => {
      const isHere = this.#ahead.delete(lease);
      return isHere ? new Promise<void>((leave) => void this.#attend(lease, signal, leave)) : undefined;
    });
    if (this.#limit.pendingCount > 0)
      this.#patience ??= setTimeout(() => this.#losePatience(), mostAheadMs).unref();
  }

  /** Its slot is free as soon as nothing is transferred any more; the lease is held until the store has the outcome. */
  async #attend(lease: Lease, signal: AbortSignal, leave: () => void): Promise<void> {
    let isInSlot = true;
    const leaveSlot = (): void => {
      if (!isInSlot) return;
      isInSlot = false;
      this.#begun -= 1;
      this.#attendance.pace.ended();
      leave();
      this.notify();
    };
    try {
      const attended = await attendLease(lease, signal, this.#attendance, leaveSlot);
      this.#counts[attended] += 1;
      this.#rest(attended);
    } catch (error) {
      this.#attendance.tell('error', { error, during: `upload ${lease.index} of job ${lease.jobId}` });
    } finally {
      if (isOnLastLease(lease)) this.#lastLeaseSince = undefined;
      this.#held.drop(lease);
      leaveSlot();
      this.notify();
    }
  }

  /** What ran here was quick and is so no more: what waits behind it is better off elsewhere. */
  #losePatience(): void {
    this.#patience = undefined;
    const before = performance.now() - mostAheadMs;
    this.#handBackAhead((since) => since <= before);
    if (this.#ahead.size > 0) this.#patience = setTimeout(() => this.#losePatience(), mostAheadMs).unref();
  }

  #handBackAhead(isChosen: (since: number) => boolean): void {
    for (const [lease, since] of this.#ahead) {
      if (!isChosen(since)) continue;
      this.#ahead.delete(lease);
      this.#begun -= 1;
      if (isOnLastLease(lease)) this.#lastLeaseSince = undefined;
      this.#giveBack(lease);
    }
  }

  #giveBack(lease: Lease): void {
    // What can not be handed back is told of by the outbox.
    void this.#release(lease, 0).catch(() => {});
  }

  async #release(lease: Lease, delayMs: number): Promise<void> {
    try {
      await this.#attendance.outbox.release({ lease, delayMs, countAttempt: false, posts: 0 }, []);
    } finally {
      this.#held.drop(lease);
      this.notify();
    }
  }

  #stop(): void {
    this.#rests.clear();
    clearTimeout(this.#patience);
    this.#handBackAhead(() => true);
  }

  #rest(after: Attended): void {
    if (after !== 'busy') this.#rests.ran();
    else if (!this.#stopping.aborted) this.#rests.busy(this.count);
  }
}

function isOnLastLease({ expiries }: Lease): boolean {
  return expiries >= expiriesBeforeTheLast;
}

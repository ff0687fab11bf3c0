import {
  type BudgetReading,
  type BudgetScope,
  type Claimed,
  type ClaimOptions,
  type EndedUpload,
  type Failure,
  type JobEnd,
  type Lease,
  type LostReason,
  type Queue,
  type Release,
  requireClaim,
  requireExtend,
  requireRelease,
} from '@imgferry/core';
import { HostQueue } from './host-queue.ts';
import type { JobRecord } from './job-record.ts';
import type { HeldLease, LeaseTable } from './lease-table.ts';
import type { Ledger } from './ledger.ts';
import type { MemoryBudget } from './memory-budget.ts';
import type { ProgressListeners } from './progress-listeners.ts';
import { Turns } from './turns.ts';
import type { WakeUps } from './wake-ups.ts';

/** How many leases that ran out, and how many delays that are over, one claim looks at. */
const DUE_LIMIT = 100;
const MAX_EXPIRIES = 3;
const POISON: Failure = Object.freeze({
  code: 'poison',
  message: `${MAX_EXPIRIES} leases of this upload ran out before anything came of it`,
});

/** What a lease that somebody shows is to the store. */
export type Standing =
  | { readonly status: 'held'; readonly held: HeldLease }
  | ({ readonly status: 'settled' } & JobEnd)
  | { readonly status: 'lost'; readonly reason: LostReason };

/** What the queue works with; shared with the store that it is a view of. */
export interface QueueParts {
  readonly now: () => number;
  readonly ledger: Ledger;
  readonly leases: LeaseTable;
  readonly budget: MemoryBudget;
  readonly wakeUps: WakeUps;
  readonly progress: ProgressListeners;
}

/** Who may work on what. */
export class MemoryQueue implements Queue {
  readonly #parts: QueueParts;
  readonly #turns: Turns;
  readonly #hosts = new Map<string, HostQueue>();

  constructor(parts: QueueParts) {
    this.#parts = parts;
    this.#turns = new Turns({ ...parts, close: (held, posts) => this.close(held, posts) });
  }

  async claim(options: ClaimOptions): Promise<Claimed> {
    requireClaim(options);
    const { host, limit, leaseMs, shortestTurn = 1, budget = [] } = options;
    const now = this.#parts.now();
    const queue = this.#hosts.get(host);
    if (queue === undefined || this.#parts.ledger.pauses.stop(host)) {
      return { leases: [], nextInMs: undefined, ended: [] };
    }
    const ended = this.#takeExpired(queue, now);
    this.#placeDelayed(queue, now);
    const { count } = this.#parts.budget.allowance(host, budget, now);
    const leases = this.#turns.take(queue, Math.min(limit, count), { leaseMs, budget, shortestTurn, now });
    return { leases, nextInMs: this.#nextInMs(queue, budget, now), ended };
  }

  async extend(
    leases: readonly Lease[],
    leaseMs: number,
  ): Promise<readonly { readonly lease: Lease; readonly reason: LostReason }[]> {
    requireExtend(leases, leaseMs);
    const now = this.#parts.now();
    return leases.flatMap((lease) => {
      const standing = this.standing(lease);
      if (standing.status !== 'held') return [{ lease, reason: lostReason(standing) }];
      const { held } = standing;
      if (held.state === 'expired') {
        held.job.backlog.unexpire(held);
        this.#parts.leases.setExpired(held, false);
      }
      this.#setDeadline(held, now + leaseMs);
      return [];
    });
  }

  async release(releases: readonly Release[], observed: readonly BudgetReading[] = []): Promise<void> {
    for (const release of releases) requireRelease(release);
    const now = this.#parts.now();
    for (const release of releases) {
      const standing = this.standing(release.lease);
      if (standing.status === 'held') this.#giveBack(standing.held, release, now);
      else this.closeCancelled(release.lease, release.posts, release.possiblyDuplicated);
    }
    const { budget, wakeUps } = this.#parts;
    wakeUps.observed(budget.apply(observed));
  }

  async wait(options: {
    readonly host: string;
    readonly budget?: BudgetScope;
    readonly timeoutMs: number;
    readonly signal: AbortSignal;
  }): Promise<void> {
    const { host, budget = [], timeoutMs, signal } = options;
    this.#parts.now();
    const look = (): number | undefined => {
      const queue = this.#hosts.get(host);
      if (queue === undefined || this.#parts.ledger.pauses.stop(host)) return undefined;
      return this.#inMs(queue, budget, this.#parts.now());
    };
    await this.#parts.wakeUps.wait({ host, timeoutMs, signal, look });
  }

  /** The queue of a host, made when it is first named. */
  host(name: string): HostQueue {
    const known = this.#hosts.get(name);
    if (known !== undefined) return known;
    const queue = new HostQueue();
    this.#hosts.set(name, queue);
    return queue;
  }

  /** Puts a job where it belongs after a change of it, and wakes those who wait for one. */
  place(job: JobRecord): void {
    const { now, wakeUps } = this.#parts;
    this.host(job.host).place(job, now());
    wakeUps.changed(job.host);
  }

  /** Whose upload this is by now. */
  standing(lease: Lease): Standing {
    const { leases, ledger, now } = this.#parts;
    const record = ledger.job(lease.jobId, now())?.read(lease.index);
    if (record === undefined) return { status: 'lost', reason: 'unknown' };
    const held = leases.find(lease);
    if (held !== undefined) {
      return held.state === 'cancelled' ? { status: 'lost', reason: 'cancelled' } : { status: 'held', held };
    }
    if (record.settledToken === lease.token) return { status: 'settled', ...record.settledEnd };
    if (record.token > lease.token) return { status: 'lost', reason: 'replaced' };
    return { status: 'lost', reason: record.cancelledToken === lease.token ? 'cancelled' : 'unknown' };
  }

  /** Ends the store's side of a lease: what it had taken of the budget goes back, less what was sent. */
  close(held: HeldLease, posts: number): void {
    this.#parts.leases.delete(held);
    this.host(held.job.host).deadlines.delete(held);
    this.#parts.budget.giveBack(held.reservation, posts);
  }

  /** The holder of a cancelled lease has told what it had sent. */
  closeCancelled(lease: Lease, posts: number, possiblyDuplicated: boolean = false): void {
    const held = this.#parts.leases.find(lease);
    if (held?.state !== 'cancelled') return;
    this.close(held, posts);
    if (possiblyDuplicated) this.#parts.ledger.expireCancelled(held);
  }

  /** Cancels what is unsettled of a job. */
  cancel(job: JobRecord, now: number): void {
    const overdue = [...job.held].filter(({ state }) => state === 'expired');
    this.#parts.ledger.cancel(job, now);
    // They have no deadline any more: the next claim charges them, unless their holders tell before.
    for (const held of overdue) {
      this.#parts.leases.setExpired(held, false);
      this.host(job.host).deadlines.set(held, now);
    }
    this.place(job);
  }

  /** How many leases ran out and nobody has taken over yet. Those that a claim has found have no deadline any more. */
  countOverdue(now: number): number {
    let count = this.#parts.leases.expired.size;
    for (const { deadlines } of this.#hosts.values()) count += deadlines.countDue(now);
    return count;
  }

  /** Sorts the leases that ran out: their uploads can be claimed again, or end. */
  #takeExpired(queue: HostQueue, now: number): readonly EndedUpload[] {
    const ended: EndedUpload[] = [];
    for (let step = 0; step < DUE_LIMIT; step += 1) {
      const held = queue.deadlines.takeDue(now);
      if (held === undefined) break;
      if (held.state === 'cancelled') this.#expireCancelled(held);
      else if ((held.job.read(held.index)?.expiries ?? 0) + 1 >= MAX_EXPIRIES)
        ended.push(this.#end(held, now));
      else {
        held.state = 'expired';
        this.#parts.leases.setExpired(held, true);
        held.job.backlog.expire(held);
        queue.place(held.job, now);
      }
    }
    return ended;
  }

  #expireCancelled(held: HeldLease): void {
    this.close(held, held.reservation.taken);
    this.#parts.ledger.expireCancelled(held);
  }

  #end(held: HeldLease, now: number): EndedUpload {
    const { ledger, leases } = this.#parts;
    const { job, index } = held;
    this.close(held, held.reservation.taken);
    const { attempts } = ledger.expire(held);
    const end = ledger.end(held, leases.nextToken(), POISON, now);
    this.host(job.host).place(job, now);
    const url = job.urls[index] ?? '';
    return { jobId: job.id, index, url, attempt: attempts, failure: POISON, ...end };
  }

  /** Brings the jobs whose delays are over back into the round. */
  #placeDelayed(queue: HostQueue, now: number): void {
    for (let step = 0; step < DUE_LIMIT; step += 1) {
      const job = queue.delayed.takeDue(now);
      if (job === undefined) return;
      queue.place(job, now);
    }
  }

  #setDeadline(held: HeldLease, at: number): void {
    held.state = 'held';
    this.host(held.job.host).deadlines.set(held, at);
  }

  #giveBack(held: HeldLease, release: Release, now: number): void {
    this.close(held, release.posts);
    this.#parts.ledger.release(held, release, now);
    this.host(held.job.host).place(held.job, now);
    this.#parts.progress.tellEnd({ jobId: held.job.id, index: held.index, at: now });
  }

  #nextInMs(queue: HostQueue, budget: BudgetScope, now: number): number | undefined {
    const inMs = this.#inMs(queue, budget, now);
    return inMs === undefined ? undefined : Math.max(1, Math.ceil(inMs));
  }

  /** In how long a claim may find something; 0 is now, `undefined` when nothing would happen by itself. */
  #inMs(queue: HostQueue, budget: BudgetScope, now: number): number | undefined {
    const readyAt = queue.nextAt(now);
    if (readyAt === Number.POSITIVE_INFINITY) return undefined;
    return Math.max(0, Math.max(readyAt, this.#parts.budget.look(budget, now).freeAt) - now);
  }
}

function lostReason(standing: Exclude<Standing, { status: 'held' }>): LostReason {
  return standing.status === 'lost' ? standing.reason : 'unknown';
}

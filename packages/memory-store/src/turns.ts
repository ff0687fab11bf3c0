import type { BudgetScope, Lease } from '@imgferry/core';
import type { HostQueue } from './host-queue.ts';
import type { JobRecord } from './job-record.ts';
import type { HeldLease, LeaseTable } from './lease-table.ts';
import type { Ledger } from './ledger.ts';
import type { MemoryBudget } from './memory-budget.ts';
import { runAttempt } from './upload-record.ts';

/** How many uploads a job is given in one turn at most. */
const LONGEST_TURN = 16;

/** What a claim asks for, and when. */
export interface ClaimStep {
  readonly leaseMs: number;
  readonly budget: BudgetScope;
  readonly shortestTurn: number;
  readonly now: number;
}

/** What turns work with; shared with the queue that gives them. */
export interface TurnsParts {
  readonly ledger: Ledger;
  readonly leases: LeaseTable;
  readonly budget: MemoryBudget;
  /** Ends the store's side of a lease after so many POSTs. */
  readonly close: (held: HeldLease, posts: number) => void;
}

/** Gives the jobs of a host their turns, and lends their uploads. */
export class Turns {
  readonly #parts: TurnsParts;

  constructor(parts: TurnsParts) {
    this.#parts = parts;
  }

  /** Goes round the jobs until there are enough, and shares what is left anew each time it has been round. */
  take(queue: HostQueue, limit: number, claim: ClaimStep): readonly Lease[] {
    const leases: Lease[] = [];
    while (leases.length < limit && queue.round.size > 0) {
      const jobs = queue.round.size;
      const turn = lengthOfTurn(limit - leases.length, jobs, claim.shortestTurn);
      for (let turns = 0; turns < jobs && leases.length < limit; turns += 1)
        leases.push(...this.#takeTurn(queue, Math.min(turn, limit - leases.length), claim));
    }
    return leases;
  }

  /** The job at the head takes its turn and goes behind. */
  #takeTurn(queue: HostQueue, turn: number, claim: ClaimStep): readonly Lease[] {
    const leases: Lease[] = [];
    const job = queue.round.head;
    if (job === undefined) return leases;
    const { delayed } = job.backlog;
    while (leases.length < turn) {
      const next = job.backlog.take(claim.now);
      if (next === undefined) break;
      if (next.expired !== undefined) this.#takeOver(next.expired);
      leases.push(this.#lend(queue, job, next.index, claim));
    }
    this.#parts.ledger.delaysChanged(job, job.backlog.delayed - delayed);
    queue.round.leave(job);
    queue.place(job, claim.now);
    return leases;
  }

  #takeOver(expired: HeldLease): void {
    this.#parts.close(expired, expired.reservation.taken);
    this.#parts.ledger.expire(expired);
  }

  #lend(queue: HostQueue, job: JobRecord, index: number, { leaseMs, budget, now }: ClaimStep): Lease {
    const { leases, ledger } = this.#parts;
    const token = leases.nextToken();
    const reservation = this.#parts.budget.take(token, budget, now);
    const held: HeldLease = { token, job, index, reservation, claimedAt: now, state: 'held' };
    leases.add(held);
    queue.deadlines.set(held, now + leaseMs);
    const jobStarted = ledger.claim(job, held, now);
    const record = job.touch(index);
    return {
      jobId: job.id,
      index,
      url: job.urls[index] ?? '',
      attempt: record.attempts,
      runAttempt: runAttempt(record),
      expiries: record.expiries,
      possiblyDuplicated: record.possiblyDuplicated,
      token,
      jobStarted,
      options: job.options,
      ...(job.metadata === undefined ? {} : { metadata: job.metadata }),
    };
  }
}

/**
 * An even share of what is left of a claim, rounded down: the turns of one round then never exceed what is left, so the
 * limit cuts none short, and what no even share can be made of goes to the next jobs one by one. The shortest turn that
 * was asked for may be longer; the limit then cuts the last one short.
 */
function lengthOfTurn(left: number, jobs: number, shortest: number): number {
  return Math.min(LONGEST_TURN, left, Math.max(shortest, Math.floor(left / jobs)));
}

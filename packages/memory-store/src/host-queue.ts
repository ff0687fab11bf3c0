import type { JobRecord } from './job-record.ts';
import type { HeldLease } from './lease-table.ts';
import { Round } from './round.ts';
import { TimeHeap } from './time-heap.ts';

/**
 * The jobs and leases of one host, by when something can be claimed of them. A job is in the round while it has
 * something to claim, else in `delayed` while a retry of it waits, else nowhere.
 */
export class HostQueue {
  readonly round: Round<JobRecord> = new Round();
  readonly delayed: TimeHeap<JobRecord> = new TimeHeap();
  /** Leases by the time they run out. */
  readonly deadlines: TimeHeap<HeldLease> = new TimeHeap();

  /** Puts a job where it belongs after a change of it. True when it has come into the round. */
  place(job: JobRecord, now: number): boolean {
    this.delayed.delete(job);
    if (job.paused || job.finishedAt !== null) {
      this.round.leave(job);
      return false;
    }
    if (job.backlog.hasClaimable(now)) {
      const isNew = !this.round.has(job);
      this.round.join(job);
      return isNew;
    }
    this.round.leave(job);
    const at = job.backlog.nextAt;
    if (at !== undefined) this.delayed.set(job, at);
    return false;
  }

  /** When a claim may find something, the host's budget apart; `Infinity` when nothing would happen by itself. */
  nextAt(now: number): number {
    if (this.round.size > 0) return now;
    const never = Number.POSITIVE_INFINITY;
    return Math.min(this.delayed.first?.at ?? never, this.deadlines.first?.at ?? never);
  }
}

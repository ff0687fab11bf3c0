import type { Stats } from '@imgferry/core';
import type { Ledger } from './ledger.ts';
import type { MemoryQueue } from './memory-queue.ts';

/** What was counted and what is held, as it is now. */
export function readStats(ledger: Ledger, queue: MemoryQueue, now: number): Stats {
  const oldest = ledger.jobs.oldestLive;
  return {
    at: now,
    totals: { ...ledger.totals },
    outcomes: ledger.outcomes.list(),
    durations: ledger.durations.read(),
    queue: {
      waiting: ledger.counts.waiting,
      claimed: ledger.counts.claimed,
      delayed: ledger.counts.delayed,
      nextDelayedMs: ledger.nextDelayedMs(now),
      overdue: queue.countOverdue(now),
      oldestMs: oldest === undefined ? null : now - oldest.createdAt,
      liveJobs: ledger.jobs.liveCount,
      paused: ledger.pauses.queue,
      pausedJobs: ledger.pauses.countLiveJobs(),
      pausedHosts: ledger.pauses.hosts,
    },
    minutes: ledger.minutes.list(),
  };
}

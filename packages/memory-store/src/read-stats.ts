import type { Stats } from '@imgferry/core';
import type { Ledger } from './ledger.ts';
import type { MemoryQueue } from './memory-queue.ts';

/** What was counted and what is held, as it is now. */
export function readStats(ledger: Ledger, queue: MemoryQueue, now: number): Stats {
  const { jobs, pauses, tally } = ledger;
  const oldest = jobs.oldestLive;
  return {
    at: now,
    totals: { ...tally.totals },
    outcomes: tally.outcomes.list(),
    durations: tally.durations.read(),
    queue: {
      waiting: tally.counts.waiting,
      claimed: tally.counts.claimed,
      delayed: tally.counts.delayed,
      nextDelayedMs: ledger.nextDelayedMs(now),
      overdue: queue.countOverdue(now),
      oldestMs: oldest === undefined ? null : now - oldest.createdAt,
      liveJobs: jobs.liveCount,
      paused: pauses.queue,
      pausedJobs: pauses.countLiveJobs(),
      pausedHosts: pauses.hosts,
    },
    minutes: tally.minutes.list(),
  };
}

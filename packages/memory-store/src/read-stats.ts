import type { Stats } from '@imgferry/core';
import type { Ledger } from './ledger.ts';

/** What was counted and what is held, as it is now. */
export function readStats(ledger: Ledger, now: number): Stats {
  const oldest = ledger.jobs.oldestLive;
  return {
    totals: { ...ledger.totals },
    queue: {
      waiting: ledger.counts.waiting,
      claimed: ledger.counts.claimed,
      delayed: ledger.countDelayed(now),
      oldestMs: oldest === undefined ? null : now - oldest.createdAt,
      liveJobs: ledger.jobs.liveCount,
      paused: ledger.pauses.queue,
      pausedHosts: ledger.pauses.hosts,
    },
    minutes: ledger.minutes.list(),
  };
}

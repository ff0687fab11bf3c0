import type { Look } from '../call.ts';
import type { QueueView } from '../views/index.ts';
import { nextDelayedAt, oldestAt } from './moments.ts';
import { pausedView } from './paused.ts';

/** What waits and what is held. */
export async function readQueue({ readings, shown }: Look): Promise<QueueView> {
  const stats = await readings.stats();
  const { queue, totals } = stats;
  return {
    waiting: queue.waiting,
    delayed: queue.delayed,
    nextDelayedAt: nextDelayedAt(stats),
    leases: queue.claimed,
    overdue: queue.overdue,
    oldestAt: oldestAt(stats),
    liveJobs: queue.liveJobs,
    paused: pausedView(stats, shown),
    retried: totals.uploadsRetried,
    leasesExpired: totals.leasesExpired,
    settlesLost: totals.settlesLost,
    possiblyDuplicated: totals.possiblyDuplicated,
    reused: totals.uploadsReused,
    bytes: totals.bytes,
  };
}

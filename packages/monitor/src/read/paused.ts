import type { Stats } from '@imgferry/core';
import type { Look } from '../call.ts';
import type { Shown } from '../shown.ts';
import type { PausedView } from '../views/index.ts';

/** What is paused by hand, and nothing else: every page watches it. */
export async function readPaused({ readings, shown }: Look): Promise<PausedView> {
  return pausedView(await readings.stats(), shown);
}

/** What is paused by hand. */
export function pausedView({ queue }: Stats, shown: Shown): PausedView {
  return { queue: queue.paused, hosts: queue.pausedHosts.map(shown.text), jobs: queue.pausedJobs };
}

import { budget } from './budget.ts';
import { cancel } from './cancel.ts';
import { charges } from './charges.ts';
import { claim } from './claim.ts';
import { close } from './close.ts';
import { create } from './create.ts';
import { duplicates } from './duplicates.ts';
import { durations } from './durations.ts';
import { events } from './events.ts';
import { fairness } from './fairness.ts';
import { filters } from './filters.ts';
import { fleet } from './fleet.ts';
import { largeJobs } from './large-jobs.ts';
import { lease } from './lease.ts';
import { outcomes } from './outcomes.ts';
import { pages } from './pages.ts';
import { pause } from './pause.ts';
import { probe } from './probe.ts';
import { progress } from './progress.ts';
import { recall } from './recall.ts';
import { recentFailures } from './recent-failures.ts';
import { recordable } from './recordable.ts';
import { release } from './release.ts';
import { retention } from './retention.ts';
import { retry } from './retry.ts';
import type { Area } from './rule.ts';
import { settle } from './settle.ts';
import { stats } from './stats.ts';
import { text } from './text.ts';
import { wait } from './wait.ts';

/** All rules, in the order in which a store is best written. */
export const areas: readonly Area[] = [
  create,
  claim,
  lease,
  release,
  settle,
  recall,
  recordable,
  duplicates,
  fairness,
  wait,
  cancel,
  retry,
  pause,
  probe,
  budget,
  charges,
  pages,
  filters,
  retention,
  events,
  progress,
  stats,
  outcomes,
  durations,
  recentFailures,
  fleet,
  largeJobs,
  text,
  close,
];

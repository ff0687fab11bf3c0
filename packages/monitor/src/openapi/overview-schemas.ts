import * as v from 'valibot';

import type { Overview, PausedView } from '../views/index.ts';
import { count, duration, failureCode, pauseReason, time, url } from './wire-schemas.ts';

/** What is paused by hand. */
export const paused: v.GenericSchema<PausedView> = v.strictObject({
  queue: v.boolean(),
  hosts: v.array(v.string()),
  jobs: v.pipe(count, v.description('How many live jobs are paused themselves.')),
});

const bucket = v.strictObject({
  name: v.string(),
  remaining: v.number(),
  limit: v.nullable(v.number()),
  inFlight: count,
  resetsAt: time,
  reason: v.nullable(pauseReason),
});

const minute = v.strictObject({
  at: time,
  complete: count,
  failed: count,
  bytes: count,
  p50Ms: v.nullable(duration),
  p95Ms: v.nullable(duration),
  p99Ms: v.nullable(duration),
});

const failures = v.strictObject({
  code: failureCode,
  meaning: v.string(),
  remedy: v.string(),
  count,
  total: count,
  newest: v.pipe(
    v.array(
      v.strictObject({
        jobId: v.string(),
        index: count,
        url,
        host: v.string(),
        message: v.string(),
        at: time,
      }),
    ),
    v.maxLength(5),
  ),
});

/** The state of everything. */
export const overview: v.GenericSchema<Overview> = v.strictObject({
  waiting: count,
  running: count,
  complete: count,
  failed: count,
  oldestAt: v.nullable(time),
  liveJobs: count,
  workers: v.strictObject({ online: count, paused: count, draining: count, offline: count }),
  slots: count,
  busySlots: count,
  paused,
  budget: v.array(bucket),
  minutes: v.pipe(v.array(minute), v.length(60)),
  failures: v.array(failures),
});

import * as v from 'valibot';

import type { QueueView, SettingsView, WorkersView, WorkerView } from '../views/index.ts';
import { paused } from './overview-schemas.ts';
import { count, time, url } from './wire-schemas.ts';

/** What waits and what is held. */
export const queue: v.GenericSchema<QueueView> = v.strictObject({
  waiting: count,
  delayed: count,
  nextDelayedAt: v.nullable(time),
  leases: count,
  overdue: count,
  oldestAt: v.nullable(time),
  liveJobs: count,
  paused,
  retried: count,
  leasesExpired: count,
  settlesLost: count,
  possiblyDuplicated: count,
  reused: count,
  bytes: count,
});

const held = v.strictObject({ jobId: v.string(), index: count, url, attempt: count, since: time });

/** One worker. */
export const worker: v.GenericSchema<WorkerView> = v.strictObject({
  id: v.string(),
  hostname: v.string(),
  pid: v.number(),
  version: v.string(),
  state: v.picklist(['online', 'paused', 'draining', 'offline']),
  slots: count,
  running: count,
  complete: count,
  failed: count,
  retried: count,
  load: v.pipe(v.number(), v.description('The share of the event loop that was busy, from 0 to 1.')),
  memoryBytes: count,
  startedAt: time,
  lastBeatAt: time,
  holds: v.exactOptional(v.pipe(v.array(held), v.description('Left out in the list of all workers.'))),
});

/** The fleet. */
export const workers: v.GenericSchema<WorkersView> = v.strictObject({ workers: v.array(worker) });

const setting = v.union([v.string(), v.number(), v.boolean()]);

/** The settings in force. */
export const settings: v.GenericSchema<SettingsView> = v.strictObject({
  works: v.pipe(v.boolean(), v.description('Whether this process works itself.')),
  settings: v.array(
    v.strictObject({
      name: v.string(),
      here: v.nullable(setting),
      workers: v.array(v.strictObject({ value: setting, count })),
    }),
  ),
});

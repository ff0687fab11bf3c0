import * as v from 'valibot';

import type { QueueView } from '../queue-endpoint.ts';
import { count, link } from './wire-schemas.ts';

/** Links of images. */
export const links: v.GenericSchema<{ uploaded: string[] }> = v.strictObject({
  uploaded: v.pipe(v.array(link), v.description('In the order of completion.')),
});

/** This process answers. */
export const alive: v.GenericSchema<{ status: 'alive' }> = v.strictObject({ status: v.literal('alive') });

/** The store was read just now. */
export const ready: v.GenericSchema<{ status: 'ready' }> = v.strictObject({ status: v.literal('ready') });

/** The queue as operators see it. */
export const queueView: v.GenericSchema<QueueView> = v.strictObject({
  waiting: v.pipe(count, v.description('Uploads that wait.')),
  claimed: v.pipe(count, v.description('Uploads that a worker holds.')),
  delayed: v.pipe(
    count,
    v.description(
      'Of those waiting: how many were given back to be tried again, and have not been claimed since.',
    ),
  ),
  oldestMs: v.pipe(
    v.nullable(count),
    v.description('For how long the oldest unfinished job has been there, in milliseconds.'),
  ),
  liveJobs: v.pipe(count, v.description('Jobs that are not complete.')),
  paused: v.boolean(),
  pausedHosts: v.pipe(v.array(v.string()), v.description('By name.')),
});

import * as v from 'valibot';

import type { EventData, EventName, JobFacts } from '../event-views.ts';
import { jobIdSchema } from '../job-id.ts';
import { failure, jobStatus, jobView } from './job-schemas.ts';
import { count, link, place, sourceUrl, time } from './wire-schemas.ts';

/** A job as events show it. */
export const jobFacts: v.GenericSchema<JobFacts> = v.strictObject({
  id: jobIdSchema,
  host: v.string(),
  status: jobStatus,
  created: time,
  started: v.nullable(time),
  finished: v.nullable(time),
  total: count,
  waiting: count,
  claimed: count,
  complete: count,
  failed: count,
  possiblyDuplicated: count,
  paused: v.boolean(),
  pausedBy: v.array(v.picklist(['job', 'host', 'queue'])),
  cancelled: v.boolean(),
});

const change = { jobId: jobIdSchema, at: time };
const upload = { ...change, index: place, url: sourceUrl };
const withJob = v.strictObject({ ...change, job: jobFacts });

/** The data of every event of a stream, by its name. */
export const eventSchemas: { readonly [Name in EventName]: v.GenericSchema<EventData[Name]> } = {
  snapshot: v.strictObject({ job: jobFacts }),
  gap: v.strictObject({ job: jobFacts, view: jobView }),
  'job:created': withJob,
  'job:started': v.strictObject(change),
  'job:finished': withJob,
  'job:retried': withJob,
  'job:paused': withJob,
  'job:resumed': withJob,
  'upload:progressed': v.strictObject({
    ...upload,
    attempt: v.pipe(count, v.minValue(1)),
    sentBytes: count,
    totalBytes: count,
  }),
  'upload:retried': v.strictObject({ ...upload, failure, delayMs: v.pipe(v.number(), v.minValue(0)) }),
  'upload:completed': v.strictObject({ ...upload, link }),
  'upload:failed': v.strictObject({ ...upload, failure }),
  'host:paused': v.strictObject({
    host: v.string(),
    reason: v.pipe(
      v.string(),
      v.description(
        '`operator`: it was paused by hand, as `pausedBy` of a job has it. Anything else: its limits or its state.',
      ),
    ),
    forMs: v.nullable(v.pipe(v.number(), v.minValue(0))),
    at: time,
  }),
  'host:resumed': v.strictObject({ host: v.string(), at: time }),
  'queue:paused': v.strictObject({ at: time }),
  'queue:resumed': v.strictObject({ at: time }),
};

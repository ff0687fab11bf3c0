import * as v from 'valibot';

import type { JobPageView, JobsView, UploadsView } from '../views/index.ts';
import { count, failureCode, time, url } from './wire-schemas.ts';

const jobFacts = {
  id: v.string(),
  host: v.string(),
  status: v.picklist(['pending', 'in-progress', 'complete']),
  createdAt: time,
  startedAt: v.nullable(time),
  finishedAt: v.nullable(time),
  total: count,
  waiting: count,
  running: count,
  complete: count,
  failed: count,
  possiblyDuplicated: count,
  pausedBy: v.array(v.picklist(['job', 'host', 'queue'])),
  cancelled: v.boolean(),
} as const;

const next = v.pipe(
  v.nullable(v.string()),
  v.description('The cursor of the next page; null at the end. A page may be short although there is one.'),
);

/** A page of jobs. */
export const jobs: v.GenericSchema<JobsView> = v.strictObject({
  jobs: v.array(v.strictObject(jobFacts)),
  next,
});

/** A job on a page of its own. */
export const jobPage: v.GenericSchema<JobPageView> = v.strictObject({
  ...jobFacts,
  title: v.nullable(v.string()),
  description: v.nullable(v.string()),
  metadata: v.pipe(v.unknown(), v.description('As the application attached it: an object, or null.')),
});

const upload = v.strictObject({
  index: count,
  url,
  status: v.picklist(['waiting', 'claimed', 'complete', 'failed']),
  link: v.nullable(v.string()),
  failure: v.nullable(v.strictObject({ code: failureCode, message: v.string(), remedy: v.string() })),
  attempts: count,
  bytes: v.nullable(count),
  type: v.nullable(v.string()),
  width: v.nullable(count),
  height: v.nullable(count),
  possiblyDuplicated: v.boolean(),
  reused: v.boolean(),
  paused: v.boolean(),
  startedAt: v.nullable(time),
  finishedAt: v.nullable(time),
});

/** A page of a job's uploads. */
export const uploads: v.GenericSchema<UploadsView> = v.strictObject({ uploads: v.array(upload), next });

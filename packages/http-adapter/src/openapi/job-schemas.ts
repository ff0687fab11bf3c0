import * as v from 'valibot';

import type { FailureCode, JobStatus, MappingEntry } from '@imgferry/core';
import { failureCodeSchema } from '../failure-code.ts';
import { jobIdSchema } from '../job-id.ts';
import type { JobView } from '../job-view.ts';
import { type UploadView, uploadStatusSchema } from '../uploads-endpoint.ts';
import { count, link, place, sourceUrl, time } from './wire-schemas.ts';

/** The answer to a submit, and to a retry. */
export const submitted: v.GenericSchema<{ jobId: string }> = v.strictObject({ jobId: jobIdSchema });

/** How far a job is. */
export const jobStatus: v.GenericSchema<JobStatus> = v.picklist(['pending', 'in-progress', 'complete']);

/** The view of a job. */
export const jobView: v.GenericSchema<JobView> = v.strictObject({
  id: jobIdSchema,
  created: time,
  finished: v.pipe(v.nullable(time), v.description('Null until `status` is `complete`.')),
  status: v.pipe(
    jobStatus,
    v.description('There is no failed job: `complete` means that every upload has its outcome.'),
  ),
  uploaded: v.pipe(
    v.strictObject({
      pending: v.pipe(v.array(sourceUrl), v.description('What has no outcome yet.')),
      complete: v.pipe(v.array(link), v.description('Links of what was uploaded.')),
      failed: v.pipe(v.array(sourceUrl), v.description('What ended without a link.')),
    }),
    v.description('Each list in the order of the request.'),
  ),
});

/** Why an upload has no link. */
export const failure: v.GenericSchema<{ code: FailureCode; message: string }> = v.strictObject({
  code: failureCodeSchema,
  message: v.pipe(v.string(), v.description('For people.')),
});

/** All that is known of one upload. */
export const upload: v.GenericSchema<UploadView> = v.strictObject({
  index: place,
  url: sourceUrl,
  status: uploadStatusSchema,
  link: v.pipe(v.nullable(link), v.description('Once complete.')),
  failure: v.pipe(
    v.nullable(failure),
    v.description('Why it failed; while it waits to be tried again: why the last attempt did.'),
  ),
  attempts: v.pipe(count, v.description('How many attempts have begun and count.')),
  bytes: v.pipe(v.nullable(count), v.description('The size of the image, once it is known.')),
  type: v.pipe(v.nullable(v.string()), v.description('The media type, told by the first bytes.')),
  width: v.pipe(v.nullable(count), v.description('In pixels, where the image says it.')),
  height: v.pipe(v.nullable(count), v.description('In pixels, where the image says it.')),
  possiblyDuplicated: v.pipe(v.boolean(), v.description('The host may hold this image twice.')),
  reused: v.pipe(v.boolean(), v.description('The link is that of an earlier upload of the same bytes.')),
  paused: v.pipe(v.boolean(), v.description('It waits, and its job, its host or the whole queue is paused.')),
  started: v.pipe(v.nullable(time), v.description('When its first attempt began.')),
  finished: v.pipe(v.nullable(time), v.description('When its outcome was recorded.')),
});

/** A page of the uploads of a job. */
export const uploadsPage: v.GenericSchema<{ uploads: UploadView[] }> = v.strictObject({
  uploads: v.array(upload),
});

/** What became of every URL of a job. */
export const mapping: v.GenericSchema<{ mapping: MappingEntry[] }> = v.strictObject({
  mapping: v.array(
    v.strictObject({
      url: sourceUrl,
      link: v.pipe(v.nullable(link), v.description('Once complete.')),
      status: uploadStatusSchema,
      code: v.pipe(
        v.nullable(failureCodeSchema),
        v.description('Why it failed. Null unless `status` is `failed`.'),
      ),
    }),
  ),
});

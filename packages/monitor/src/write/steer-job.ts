import * as v from 'valibot';

import { type FailureCode, failureCodes, type JobSummary } from '@imgferry/core';
import { type Order, record, type Write } from '../call.ts';
import { readOptionalJsonBody } from '../json-body.ts';
import { jobPageView } from '../read/job-view.ts';
import { noSuchJob, readJob } from '../read/jobs.ts';
import type { JobPageView } from '../views/index.ts';

/** Which failed uploads to run again: all, or those with these codes. A key that is not known would run more than was meant. */
export const retryBody: v.GenericSchema<unknown, { codes?: FailureCode[] | undefined }> = v.strictObject({
  codes: v.optional(
    v.pipe(
      v.array(
        v.picklist(Object.keys(failureCodes) as FailureCode[], 'is not a failure code'),
        'must be a list of failure codes',
      ),
      v.maxLength(100, 'has more than 100 codes'),
    ),
  ),
});

/** Cancels a job. */
export const cancelJob: Write = async (order) => {
  const job = await order.uploader.cancel(order.name);
  return told(order, 'cancel', job);
};

/** Runs its failed uploads again. */
export const retryJob: Write = async (order) => {
  const { codes } = (await readOptionalJsonBody(order.request, retryBody)) ?? {};
  const job = await order.uploader.retry(order.name, codes === undefined ? {} : { codes });
  return told(order, 'retry', job, codes === undefined ? {} : { codes });
};

/** Hands out nothing more of a job, until it is resumed. */
export const pauseJob: Write = (order) => steer(order, 'pause');
export const resumeJob: Write = (order) => steer(order, 'resume');

async function steer(order: Order, step: 'pause' | 'resume'): Promise<JobPageView> {
  if (!(await order.uploader[step]({ jobId: order.name }))) throw noSuchJob();
  record(order, step, { jobId: order.name });
  return readJob(order);
}

function told(order: Order, action: string, job: JobSummary | undefined, facts: object = {}): JobPageView {
  if (job === undefined) throw noSuchJob();
  record(order, action, { jobId: order.name, ...facts });
  return jobPageView(job, order.shown);
}

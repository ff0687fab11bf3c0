import type { Stats } from '@imgferry/core';
import type { MetricFamily } from './exposition.ts';
import { counter, gauge, seconds } from './family.ts';

/** Jobs, from their submit to the outcome of their last upload. */
export function jobMetrics({ totals, queue }: Stats): MetricFamily[] {
  return [
    counter('imgferry_jobs_created_total', 'Jobs that were handed in.', totals.jobsCreated),
    counter(
      'imgferry_jobs_finished_total',
      'Jobs whose last upload ended. One that is retried finishes again.',
      totals.jobsFinished,
    ),
    gauge('imgferry_jobs_live', 'Jobs that are not complete.', queue.liveJobs),
    gauge('imgferry_jobs_paused', 'Of the live jobs, those that are paused themselves.', queue.pausedJobs),
    gauge(
      'imgferry_oldest_job_age_seconds',
      'For how long the oldest job that is not complete has been there. 0 without any.',
      seconds(queue.oldestMs ?? 0),
    ),
  ];
}

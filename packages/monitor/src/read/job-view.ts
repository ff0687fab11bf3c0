import type { JobSummary } from '@imgferry/core';
import type { Shown } from '../shown.ts';
import type { JobPageView, JobView } from '../views/index.ts';

/** A job as lists show it. */
export function jobView(job: JobSummary, shown: Shown): JobView {
  return {
    id: job.id,
    host: shown.text(job.host),
    status: job.status,
    createdAt: job.createdAt,
    startedAt: job.startedAt,
    finishedAt: job.finishedAt,
    total: job.total,
    waiting: job.waiting,
    running: job.claimed,
    complete: job.complete,
    failed: job.failed,
    possiblyDuplicated: job.possiblyDuplicated,
    pausedBy: job.pausedBy,
    cancelled: job.cancelled,
  };
}

/** A job on a page of its own. */
export function jobPageView(job: JobSummary, shown: Shown): JobPageView {
  const { title, description } = job.options;
  const words = (text: string | undefined): string | null => (text === undefined ? null : shown.words(text));
  return {
    ...jobView(job, shown),
    title: words(title),
    description: words(description),
    metadata: job.metadata === undefined ? null : shownIn(job.metadata, shown),
  };
}

/** The same value, with every text in it as it may be shown. It has at most 4 KiB. */
function shownIn(value: unknown, shown: Shown): unknown {
  if (typeof value === 'string') return shown.words(value);
  if (Array.isArray(value)) return value.map((each) => shownIn(each, shown));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [shown.words(key), shownIn(each, shown)]),
  );
}

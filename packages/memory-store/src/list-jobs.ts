import type { JobFilter, JobSummary, Page, PageOptions } from '@imgferry/core';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { JobRecord } from './job-record.ts';
import type { Ledger } from './ledger.ts';
import { pageLimit } from './page-of.ts';

/** So many jobs one page passes over: a few milliseconds, in which the process does nothing else. */
const MOST_LOOKS = 10_000;

/** A page of the jobs that are known at this time, newest first. */
export function listJobs(ledger: Ledger, page: PageOptions & JobFilter, now: number): Page<JobSummary> {
  const { jobs } = ledger;
  const limit = pageLimit(page);
  const { createdFrom = 0, createdBefore = Number.POSITIVE_INFINITY } = page;
  const cursor = page.cursor === undefined ? jobs.end : decodeCursor('jobs', page.cursor, jobs.end);
  const items: JobSummary[] = [];
  let looks = 0;
  for (const { position, job } of jobs.before(Math.min(cursor, jobs.positionAt(createdBefore)))) {
    if (job.createdAt < createdFrom) break;
    const fits = matches(job, page) && !ledger.isForgotten(job, now);
    if (fits ? items.length === limit : looks === MOST_LOOKS)
      return { items, next: encodeCursor('jobs', position + 1) };
    if (fits) items.push(ledger.summary(job));
    else looks += 1;
  }
  return { items, next: undefined };
}

function matches(job: JobRecord, { status, failed, paused, createdBefore }: JobFilter): boolean {
  if (status !== undefined && job.status !== status) return false;
  if (failed && job.counts.failed === 0) return false;
  if (paused && (!job.paused || job.finishedAt !== null)) return false;
  return createdBefore === undefined || job.createdAt < createdBefore;
}

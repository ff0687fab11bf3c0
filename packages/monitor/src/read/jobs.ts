import type { JobFilter, JobSummary, PageOptions } from '@imgferry/core';
import type { Look } from '../call.ts';
import { Problem } from '../problem.ts';
import { Query } from '../query.ts';
import type { JobPageView, JobsView } from '../views/index.ts';
import { jobPageView, jobView } from './job-view.ts';

/** How many are on a page that does not say. */
export const defaultLimit = 50;

/**
 * Jobs, newest first, of which the query says which. A page is one look at the store, which is bounded, so it may be
 * short; it is the same for as long as the jobs are.
 */
export async function readJobs({ readings, shown, query, waiter }: Look): Promise<JobsView> {
  const { id, filter, page } = askedJobs(query);
  const { items, next } =
    id === undefined
      ? await readings.jobs(filter, page, waiter)
      : { items: await theOne(readings, id, filter), next: undefined };
  return { jobs: items.map((job) => jobView(job, shown)), next: next ?? null };
}

/** Which jobs a query asks for. @throws Problem */
export function askedJobs(query: URLSearchParams): AskedJobs {
  const asked = new Query(query, ['id', 'status', 'failed', 'paused', 'from', 'before', 'limit', 'cursor']);
  return { filter: filterIn(asked), id: asked.read('id', 'id'), page: pageIn(asked) };
}

interface AskedJobs {
  readonly id: string | undefined;
  readonly filter: JobFilter;
  readonly page: PageOptions;
}

/** A job on a page of its own. */
export async function readJob({
  readings,
  shown,
  name,
}: Pick<Look, 'readings' | 'shown' | 'name'>): Promise<JobPageView> {
  const job = await readings.job(name);
  if (job === undefined) throw noSuchJob();
  return jobPageView(job, shown);
}

/** What is said where a path names one that is unknown. */
export function noSuchJob(): Problem {
  return new Problem('notFound', 'there is no such job, or none any more');
}

function pageIn(asked: Query): PageOptions {
  const cursor = asked.read('cursor', 'cursor');
  return { limit: asked.read('limit', 'limit') ?? defaultLimit, ...(cursor === undefined ? {} : { cursor }) };
}

function filterIn(asked: Query): JobFilter {
  const status = asked.read('status', 'jobStatus');
  const createdFrom = asked.read('from', 'time');
  const createdBefore = asked.read('before', 'time');
  return {
    ...(status === undefined ? {} : { status }),
    ...(asked.read('failed', 'flag') ? { failed: true } : {}),
    ...(asked.read('paused', 'flag') ? { paused: true } : {}),
    ...(createdFrom === undefined ? {} : { createdFrom }),
    ...(createdBefore === undefined ? {} : { createdBefore }),
  };
}

/** By its id, as far as it is one of those that the filter asks for. */
async function theOne(readings: Look['readings'], id: string, filter: JobFilter): Promise<JobSummary[]> {
  const job = isJobId(id) ? await readings.job(id) : undefined;
  return job !== undefined && isAskedFor(job, filter) ? [job] : [];
}

function isAskedFor(job: JobSummary, filter: JobFilter): boolean {
  const { status, failed, paused, createdFrom = 0, createdBefore = Number.POSITIVE_INFINITY } = filter;
  return (
    (status === undefined || job.status === status) &&
    (failed === undefined || job.failed > 0) &&
    (paused === undefined || (job.pausedBy.includes('job') && job.status !== 'complete')) &&
    job.createdAt >= createdFrom &&
    job.createdAt < createdBefore
  );
}

/** An id as jobs have it. The store is never asked for one of another shape. */
export function isJobId(id: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(id);
}

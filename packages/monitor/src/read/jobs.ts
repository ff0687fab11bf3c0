import type { JobFilter, JobSummary } from '@imgferry/core';
import type { Look } from '../call.ts';
import { Problem } from '../problem.ts';
import { Query } from '../query.ts';
import type { JobPageView, JobsView } from '../views/index.ts';
import { jobPageView, jobView } from './job-view.ts';

/** How many are on a page that does not say. */
export const defaultLimit = 50;

/** A page is looked for no longer than this, in milliseconds, nor in more looks; then it is short. */
const mostMs = 40;
const mostLooks = 20;

/** Jobs, newest first, of which the query says which. */
export async function readJobs({ uploader, shown, query }: Look): Promise<JobsView> {
  const asked = new Query(query, ['id', 'status', 'failed', 'paused', 'from', 'before', 'limit', 'cursor']);
  const filter = filterIn(asked);
  const [id, limit, cursor] = [
    asked.read('id', 'id'),
    asked.read('limit', 'limit'),
    asked.read('cursor', 'cursor'),
  ];
  const found =
    id === undefined
      ? await pageOf(uploader, filter, limit ?? defaultLimit, cursor)
      : { jobs: await theOne(uploader, id, filter), next: undefined };
  return { jobs: found.jobs.map((job) => jobView(job, shown)), next: found.next ?? null };
}

/** A job on a page of its own. */
export async function readJob({
  uploader,
  shown,
  name,
}: Pick<Look, 'uploader' | 'shown' | 'name'>): Promise<JobPageView> {
  const job = await uploader.job(name);
  if (job === undefined) throw noSuchJob();
  return jobPageView(job, shown);
}

/** What is said where a path names one that is unknown. */
export function noSuchJob(): Problem {
  return new Problem('notFound', 'there is no such job, or none any more');
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

interface Found {
  readonly jobs: readonly JobSummary[];
  readonly next: string | undefined;
}

/** One look of the store at a filter may find few. */
async function pageOf(
  uploader: Look['uploader'],
  filter: JobFilter,
  limit: number,
  from: string | undefined,
): Promise<Found> {
  const begunAt = performance.now();
  const jobs: JobSummary[] = [];
  let cursor = from;
  for (let looks = 1; ; looks += 1) {
    const place = cursor === undefined ? {} : { cursor };
    const { items, next } = await uploader.jobs({ ...filter, limit: limit - jobs.length, ...place });
    jobs.push(...items);
    const isEnough = jobs.length >= limit || looks >= mostLooks || performance.now() - begunAt >= mostMs;
    if (next === undefined || isEnough) return { jobs, next };
    cursor = next;
  }
}

/** By its id, as far as it is one of those that the filter asks for. */
async function theOne(uploader: Look['uploader'], id: string, filter: JobFilter): Promise<JobSummary[]> {
  const job = isJobId(id) ? await uploader.job(id) : undefined;
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

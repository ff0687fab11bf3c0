import {
  InvalidCursorError,
  type JobFilter,
  type JobSummary,
  type Page,
  type PageOptions,
} from '@imgferry/core';
import type { Connection } from './connection.ts';
import { decodeCursor, encodeCursor, pageLimit } from './cursor.ts';
import { decodeJob, type JobAnswer } from './decode-job.ts';

/** How many jobs one step lists, so that none holds up the others. */
const JOBS_A_STEP = 1_000;
/** How many steps a page with a filter takes. Each looks at 500 jobs. */
const MOST_STEPS = 10;

type ListedJob = readonly [position: number, job: JobAnswer];
type ListAnswer = readonly [last: number, jobs: readonly ListedJob[], next: number];

/** A page of jobs, newest first. */
export async function listJobs(
  connection: Connection,
  page: PageOptions & JobFilter,
): Promise<Page<JobSummary>> {
  const limit = pageLimit(page);
  const filter = filterArguments(page);
  const mostSteps = filter.some((argument) => argument !== '') ? MOST_STEPS : Number.POSITIVE_INFINITY;
  // One more than asked for tells whether there is a next page.
  const found: ListedJob[] = [];
  let before: string | number = page.cursor === undefined ? '' : decodeCursor('jobs', page.cursor);
  for (let steps = 0; found.length <= limit && before !== -1 && steps < mostSteps; steps += 1) {
    const args = [before, Math.min(JOBS_A_STEP, limit + 1 - found.length), ...filter];
    const answer = (await connection.run('list', args)) as ListAnswer | null;
    if (answer === null) throw new InvalidCursorError();
    found.push(...answer[1]);
    before = answer[2];
  }
  const jobs = found.slice(0, limit);
  const next = found.length > limit ? jobs.at(-1)?.[0] : Number(before);
  return {
    items: jobs.map(([, job]) => decodeJob(job)),
    next: next === undefined || next === -1 ? undefined : encodeCursor('jobs', next),
  };
}

function filterArguments(filter: JobFilter): readonly (string | number)[] {
  const { status = '', failed, paused, createdFrom = '', createdBefore = '' } = filter;
  return [status, failed ? '1' : '', paused ? '1' : '', createdFrom, createdBefore];
}

import type { Lease } from '@imgferry/core';

/**
 * Leases as a claim answers them: those of a job that follow one another, one for each URL. The index and the token grow
 * by one each time; everything else is the same for all, but that the job started with the first of them.
 */
export type RunAnswer = readonly [
  place: number,
  index: number,
  token: number,
  attempt: number,
  expiries: number,
  jobStarted: number,
  possiblyDuplicated: number,
  runAttempt: number,
  ...urls: string[],
];

/** What a lease has of its job. */
export type LeaseOfJob = Pick<Lease, 'jobId' | 'options' | 'metadata'>;

/** The leases of a run, whose job is one of these. */
export function decodeRun(run: RunAnswer, jobs: readonly LeaseOfJob[]): Lease[] {
  const [place, index, token, attempt, expiries, jobStarted, possiblyDuplicated, runAttempt, ...urls] = run;
  const job = jobs[place];
  if (job === undefined)
    throw new Error(`a claim answered leases of job ${place}, which is none of its jobs`);
  return urls.map((url, at) => ({
    ...job,
    index: index + at,
    url,
    attempt,
    runAttempt,
    expiries,
    possiblyDuplicated: possiblyDuplicated === 1,
    token: token + at,
    jobStarted: at === 0 && jobStarted === 1,
  }));
}

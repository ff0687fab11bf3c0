import type { JobEnd, JobOptions, JobStatus, JobSummary, Metadata, PausedBy } from '@imgferry/core';

/** A job as the steps answer it: its fields in the order of `answer_job`. */
export type JobAnswer = readonly [
  id: string,
  host: string,
  status: JobStatus,
  createdAt: number,
  startedAt: number,
  finishedAt: number,
  total: number,
  waiting: number,
  claimed: number,
  complete: number,
  failed: number,
  possiblyDuplicated: number,
  pausedBy: string,
  cancelled: string,
  info: string,
];

/** What is kept of a job as JSON: what it asks of the host, and what the application has attached. */
export interface JobInfo {
  readonly options: JobOptions;
  readonly metadata?: Metadata;
}

/** Reads a {@link JobInfo}; a job without one asks for nothing. */
export function decodeInfo(info: string): JobInfo {
  return info === '' ? { options: {} } : (JSON.parse(info) as JobInfo);
}

/** What holds a job up, as `paused_by` names it. */
export function decodePauses(names: string): Pick<JobSummary, 'paused' | 'pausedBy'> {
  return { paused: names !== '', pausedBy: names === '' ? [] : (names.split(' ') as PausedBy[]) };
}

/** A job that a step has answered. */
export function decodeJob(answer: JobAnswer): JobSummary {
  const [id, host, status, createdAt, startedAt, finishedAt, total, waiting, claimed, ...rest] = answer;
  const [complete, failed, possiblyDuplicated, pausedBy, cancelled, info] = rest;
  return {
    id,
    host,
    status,
    createdAt,
    startedAt: startedAt === 0 ? null : startedAt,
    finishedAt: finishedAt === 0 ? null : finishedAt,
    total,
    waiting,
    claimed,
    complete,
    failed,
    possiblyDuplicated,
    ...decodePauses(pausedBy),
    cancelled: cancelled !== '',
    ...decodeInfo(info),
  };
}

/** What a step has ended: the job, or nothing when it goes on. */
export function decodeEnd(job: JobAnswer | null | undefined): JobEnd {
  return job === null || job === undefined
    ? { jobFinished: false }
    : { jobFinished: true, job: decodeJob(job) };
}

import { randomUUID } from 'node:crypto';

import type { JobSummary, Retried } from '@imgferry/core';
import type { Connection } from './connection.ts';
import { decodeJob, type JobAnswer } from './decode-job.ts';

const FULL_RETRY_AFTER_MS = 5_000;

/** What one retry is held to. */
export interface RetryBounds {
  readonly maxEvents: number;
  /** `Infinity` for no bound. */
  readonly maxWaiting: number;
}

/** What the step `retry` answers of a job that is known, unless its choice is out of date. */
export type RetryAnswer =
  | readonly [job: JobAnswer, retried: 0 | 1]
  | readonly [job: JobAnswer, full: 'full', count: number];

/** Runs all failed uploads of a job again. `undefined` when it is unknown. */
export async function retryAll(
  connection: Connection,
  jobId: string,
  bounds: RetryBounds,
): Promise<Retried | undefined> {
  const args = [jobId, randomUUID(), '', 0, 0, ...boundArgs(bounds)];
  const answer = (await connection.run('retry', args)) as RetryAnswer | null;
  return answer === null ? undefined : decodeRetry(answer, bounds);
}

/** The last arguments of the step `retry`. */
export function boundArgs({ maxEvents, maxWaiting }: RetryBounds): readonly number[] {
  return [maxEvents, maxWaiting === Number.POSITIVE_INFINITY ? -1 : maxWaiting];
}

/** Reads what the step `retry` has answered. */
export function decodeRetry([job, outcome, count]: RetryAnswer, bounds: RetryBounds): Retried {
  if (outcome === 'full') return refused(decodeJob(job), count, bounds);
  return { status: outcome === 1 ? 'retried' : 'unchanged', job: decodeJob(job) };
}

/** The answer to a retry that would let too many wait: so many uploads were to run again. */
export function refused(job: JobSummary, count: number, { maxWaiting }: RetryBounds): Retried {
  return { status: 'full', job, retryAfterMs: count > maxWaiting ? undefined : FULL_RETRY_AFTER_MS };
}

import type { JobStatus, JobSummary } from '../job.ts';

const CREATED_AT = Date.UTC(2017, 11, 22, 16, 48, 29);

/**
 * A job for a test: `job-1` with one upload that waits, apart from what is given. What is not given follows: uploads
 * that are not counted elsewhere wait, and the status and the times are those of the counters.
 */
export function aJobSummary(facts: Partial<JobSummary> = {}): JobSummary {
  const { claimed = 0, complete = 0, failed = 0 } = facts;
  const total = facts.total ?? Math.max(1, (facts.waiting ?? 0) + claimed + complete + failed);
  const status = facts.status ?? statusOf(total, claimed, complete + failed);
  return {
    id: 'job-1',
    host: 'imgur',
    status,
    createdAt: CREATED_AT,
    startedAt: status === 'pending' ? null : CREATED_AT + 1_000,
    finishedAt: status === 'complete' ? CREATED_AT + 2_000 : null,
    total,
    waiting: total - claimed - complete - failed,
    claimed,
    complete,
    failed,
    possiblyDuplicated: 0,
    paused: facts.pausedBy !== undefined && facts.pausedBy.length > 0,
    pausedBy: facts.paused === true ? ['job'] : [],
    cancelled: false,
    options: {},
    ...facts,
  };
}

function statusOf(total: number, claimed: number, settled: number): JobStatus {
  if (settled === total) return 'complete';
  return claimed + settled === 0 ? 'pending' : 'in-progress';
}

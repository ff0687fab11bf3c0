import assert from 'node:assert/strict';

import type { JobSummary, UploadStatus } from '../job.ts';
import type { Scenario } from './scenario.ts';

/** Above this, reading every record of a job after every rule would take longer than the rules. */
const MAX_READ = 2_000;

/** Every upload of every job is in exactly one state, and all counters say what the records say. */
export async function checkCounters(scenario: Scenario): Promise<void> {
  if (scenario.isClosed) return;
  const jobs = await allJobs(scenario);
  for (const job of jobs) if (job.total <= MAX_READ) await checkJob(scenario, job);
  await checkQueue(scenario, jobs);
}

async function allJobs({ store }: Scenario): Promise<readonly JobSummary[]> {
  const jobs: JobSummary[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.list({ limit: 500, ...(cursor === undefined ? {} : { cursor }) });
    jobs.push(...page.items);
    cursor = page.next;
  } while (cursor !== undefined);
  return jobs;
}

async function checkJob(scenario: Scenario, job: JobSummary): Promise<void> {
  const uploads = await scenario.uploads(job.id);
  const counts: Record<UploadStatus, number> = { waiting: 0, claimed: 0, complete: 0, failed: 0 };
  for (const { status } of uploads) counts[status] += 1;
  const { waiting, claimed, complete, failed } = job;
  assert.deepEqual({ waiting, claimed, complete, failed }, counts, 'the counters equal the records');
  assert.equal(waiting + claimed + complete + failed, job.total, 'the counters add up');
  const duplicated = uploads.filter(
    ({ status, possiblyDuplicated }) => status === 'complete' && possiblyDuplicated,
  );
  assert.equal(job.possiblyDuplicated, duplicated.length, 'the possibly duplicated are counted');
  assert.equal(job.status === 'complete', waiting + claimed === 0, 'complete is when nothing is open');
  assert.equal(job.finishedAt === null, job.status !== 'complete', 'finishedAt is null until it is complete');
  for (const { status, link, failure } of uploads) {
    assert.equal(link !== null, status === 'complete', 'what is complete has a link');
    if (status === 'failed') assert.ok(failure, 'what failed has a failure');
  }
}

async function checkQueue({ store }: Scenario, jobs: readonly JobSummary[]): Promise<void> {
  const { queue, totals, outcomes } = await store.stats();
  const sum = (count: (job: JobSummary) => number): number =>
    jobs.reduce((total, job) => total + count(job), 0);
  assert.equal(
    queue.waiting,
    sum(({ waiting }) => waiting),
    'the waiting are counted over all jobs',
  );
  assert.equal(
    queue.claimed,
    sum(({ claimed }) => claimed),
    'the claimed are counted over all jobs',
  );
  assert.equal(
    queue.liveJobs,
    sum(({ status }) => (status === 'complete' ? 0 : 1)),
    'live jobs are counted',
  );
  assert.ok(queue.delayed >= 0 && queue.delayed <= queue.waiting, 'the delayed are some of the waiting');
  assert.equal(queue.nextDelayedMs === null, queue.delayed === 0, 'a first is told when some are delayed');
  const ended = (wanted: 'complete' | 'failed'): number =>
    outcomes.reduce((total, { outcome, count }) => total + (outcome === wanted ? count : 0), 0);
  assert.equal(ended('complete'), totals.uploadsComplete, 'the complete add up by host');
  assert.equal(ended('failed'), totals.uploadsFailed, 'the failed add up by host and code');
}

import { type Created, checkJobId, encodeJson, type NewJob, StoreUnavailableError } from '@imgferry/core';
import type { Connection } from './connection.ts';
import { decodeJob, type JobAnswer } from './decode-job.ts';

/** How many URLs one step takes, so that none holds up the others. */
const PART = 1_000;
const FULL_RETRY_AFTER_MS = 5_000;

type CreateAnswer = readonly [
  status: 'created' | 'existing' | 'conflict' | 'full' | 'welcome' | 'unstaged',
  job: JobAnswer,
];

/**
 * Keeps a job. A large one is brought in parts that nobody sees until the last step makes it a job; of one that is
 * refused nothing is kept, and when this dies half way, what it has brought is removed after an hour.
 */
export async function createJob(connection: Connection, job: NewJob, maxEvents: number): Promise<Created> {
  checkJobId(job.id);
  const create = async (onlyAsk: boolean, urls: readonly string[]): Promise<Created | 'welcome'> =>
    describe((await connection.run('create', [...facts(job, maxEvents, onlyAsk), ...urls])) as CreateAnswer);
  if (job.urls.length <= PART) return settled(await create(false, job.urls));
  const refused = await create(true, []);
  if (refused !== 'welcome') return refused;
  for (let first = 0; first < job.urls.length; first += PART) {
    const part = job.urls.slice(first, first + PART);
    await connection.run('stage', [job.id, job.urls.length, first / PART, ...part]);
  }
  return settled(await create(false, []));
}

function facts(job: NewJob, maxEvents: number, onlyAsk: boolean): readonly (string | number)[] {
  const { id, host, urls, options, metadata, idempotency, maxWaiting } = job;
  const isPlain = Object.keys(options).length === 0 && metadata === undefined;
  return [
    id,
    host,
    urls.length,
    isPlain ? '' : encodeJson({ options, ...(metadata === undefined ? {} : { metadata }) }),
    idempotency?.key ?? '',
    idempotency?.fingerprint ?? '',
    idempotency?.ttlMs ?? 0,
    maxWaiting === undefined || maxWaiting === Number.POSITIVE_INFINITY ? -1 : maxWaiting,
    maxEvents,
    onlyAsk ? 1 : 0,
  ];
}

function describe([status, job]: CreateAnswer): Created | 'welcome' {
  if (status === 'created' || status === 'existing') return { status, job: decodeJob(job) };
  if (status === 'conflict') return { status };
  if (status === 'full') return { status, retryAfterMs: FULL_RETRY_AFTER_MS };
  if (status === 'unstaged') throw new StoreUnavailableError('a part of the job is gone; hand it in again');
  return status;
}

function settled(created: Created | 'welcome'): Created {
  if (created === 'welcome') throw new Error('the step create was only asked');
  return created;
}

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { type JobSummary, type RetrySelection, StoreUnavailableError } from '@imgferry/core';
import type { Connection } from './connection.ts';
import { decodeJob, type JobAnswer } from './decode-job.ts';

const PART = 1_000;
/** Others may choose from the same job, one after the other; so long is tried, with such rests. */
const PATIENCE_MS = 10_000;
const LONGEST_REST_MS = 20;

type Failure = readonly [index: number, url: string, code: string];
type FailuresAnswer = readonly [marks: number, next: number, hasMore: number, failures: readonly Failure[]];

/**
 * Runs some of a job's failed uploads again. They are noted in parts, which nobody sees, and one step makes them count;
 * when the job was cancelled or retried meanwhile, or somebody else is choosing, it begins again.
 */
export async function retryChosen(
  connection: Connection,
  jobId: string,
  which: RetrySelection,
): Promise<JobSummary | undefined> {
  const choice = randomUUID();
  const until = performance.now() + PATIENCE_MS;
  for (let attempt = 0; performance.now() < until; attempt += 1) {
    const answer = await choose(connection, jobId, which, { request: choice, name: `${choice}${attempt}` });
    if (answer !== 'changed') return answer;
    await sleep(Math.random() * LONGEST_REST_MS);
  }
  throw new StoreUnavailableError('the job was changed again and again while its failed uploads were chosen');
}

/** `request` is the same in every try, so that one whose reply was lost is known; `name` is what is noted under. */
interface Choice {
  readonly request: string;
  readonly name: string;
}

async function choose(
  connection: Connection,
  jobId: string,
  which: RetrySelection,
  { request, name }: Choice,
): Promise<JobSummary | undefined | 'changed'> {
  const isChosen = chooser(which);
  let firstMarks: number | undefined;
  for (let start = 0; ; ) {
    const answer = (await connection.run('failures', [jobId, start, PART])) as FailuresAnswer | null;
    if (answer === null) return undefined;
    const [marks, next, hasMore, failures] = answer;
    firstMarks ??= marks;
    const chosen = failures.filter(isChosen).map(([index]) => index);
    const rest = failures.filter((failure) => !isChosen(failure)).map(([index]) => index);
    const sent = [jobId, name, start, firstMarks, next, chosen.length, ...chosen, ...rest];
    if ((await connection.run('choose', sent)) !== 1) return 'changed';
    start = next;
    if (hasMore === 1) continue;
    const args = [jobId, request, name, firstMarks, start];
    const retried = (await connection.run('retry', args)) as JobAnswer | readonly [RetryTrouble] | null;
    if (retried === null) return undefined;
    if (isJob(retried)) return decodeJob(retried);
    if (retried[0] === 'changed') return 'changed';
  }
}

/** The choice is out of date, or more has failed since than one step takes along: that has to be chosen from as well. */
type RetryTrouble = 'changed' | 'more';

function isJob(answer: JobAnswer | readonly [RetryTrouble]): answer is JobAnswer {
  return answer.length > 1;
}

function chooser({ urls, codes }: RetrySelection): (failure: Failure) => boolean {
  const wantedUrls = urls === undefined ? undefined : new Set(urls.map((url) => url.toWellFormed()));
  const wantedCodes = codes === undefined ? undefined : new Set<string>(codes);
  return ([, url, code]) => (wantedUrls?.has(url) ?? true) && (wantedCodes?.has(code) ?? true);
}

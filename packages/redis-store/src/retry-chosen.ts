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
type RetryAnswer = readonly [job: JobAnswer, retried: number];
type FailuresAnswer = readonly [marks: number, next: number, hasMore: number, failures: readonly Failure[]];

/** What a retry came to. */
interface Retried {
  readonly job: JobSummary;
  readonly retried: boolean;
}

/** Reads what the step `retry` has answered; nothing of a job that is unknown. */
export function decodeRetry(answer: unknown): Retried | undefined {
  if (answer === null) return undefined;
  const [job, retried] = answer as RetryAnswer;
  return { job: decodeJob(job), retried: retried === 1 };
}

/**
 * Runs some of a job's failed uploads again. They are noted in parts, which nobody sees, and one step makes them count;
 * when the job was cancelled or retried meanwhile, or somebody else is choosing, it begins again.
 */
export async function retryChosen(
  connection: Connection,
  jobId: string,
  which: RetrySelection,
  maxEvents: number,
): Promise<Retried | undefined> {
  const choice = randomUUID();
  const until = performance.now() + PATIENCE_MS;
  for (let attempt = 0; performance.now() < until; attempt += 1) {
    const answer = await choose(connection, jobId, which, {
      request: choice,
      name: `${choice}${attempt}`,
      maxEvents,
    });
    if (answer !== 'changed') return answer;
    await sleep(Math.random() * LONGEST_REST_MS);
  }
  throw new StoreUnavailableError('the job was changed again and again while its failed uploads were chosen');
}

/** `request` is the same in every try, so that one whose reply was lost is known; `name` is what is noted under. */
interface Choice {
  readonly request: string;
  readonly name: string;
  readonly maxEvents: number;
}

async function choose(
  connection: Connection,
  jobId: string,
  which: RetrySelection,
  { request, name, maxEvents }: Choice,
): Promise<Retried | undefined | 'changed'> {
  const isChosen = chooser(which);
  let firstMarks: number | undefined;
  for (let start = 0; ; ) {
    const found = (await connection.run('failures', [jobId, start, PART])) as FailuresAnswer | null;
    if (found === null) return undefined;
    const [marks, next, hasMore, failures] = found;
    firstMarks ??= marks;
    const chosen = failures.filter(isChosen).map(([index]) => index);
    const rest = failures.filter((failure) => !isChosen(failure)).map(([index]) => index);
    const sent = [jobId, name, start, firstMarks, next, chosen.length, ...chosen, ...rest];
    if ((await connection.run('choose', sent)) !== 1) return 'changed';
    start = next;
    if (hasMore === 1) continue;
    const args = [jobId, request, name, firstMarks, start, maxEvents];
    const answer = (await connection.run('retry', args)) as RetryAnswer | readonly [RetryTrouble] | null;
    if (answer === null || isRetry(answer)) return decodeRetry(answer);
    if (answer[0] === 'changed') return 'changed';
  }
}

/** The choice is out of date, or more has failed since than one step takes along: that has to be chosen from as well. */
type RetryTrouble = 'changed' | 'more';

function isRetry(answer: RetryAnswer | readonly [RetryTrouble]): answer is RetryAnswer {
  return answer.length > 1;
}

function chooser({ urls, codes }: RetrySelection): (failure: Failure) => boolean {
  const wantedUrls = urls === undefined ? undefined : new Set(urls.map((url) => url.toWellFormed()));
  const wantedCodes = codes === undefined ? undefined : new Set<string>(codes);
  return ([, url, code]) => (wantedUrls?.has(url) ?? true) && (wantedCodes?.has(code) ?? true);
}

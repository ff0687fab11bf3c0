import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import type { JobSummary, Retried, RetrySelection } from '@imgferry/core';
import type { Connection } from './connection.ts';
import { decodeJob, type JobAnswer } from './decode-job.ts';
import { boundArgs, decodeRetry, type RetryAnswer, type RetryBounds, refused } from './retry-all.ts';
import { tooManyChoose } from './turns.ts';

const PART = 1_000;
/** Other processes may choose from the same job, one after the other; so long is tried, with rests that grow. */
const PATIENCE_MS = 10_000;
const FIRST_REST_MS = 20;
const LONGEST_REST_MS = 300;
const CHOSEN = 1;
const SOMEBODY_ELSE_CHOOSES = 2;

type Failure = readonly [index: number, url: string, code: string];
type FailuresAnswer = readonly [
  marks: number,
  next: number,
  hasMore: number,
  failures: readonly Failure[],
  job: JobAnswer,
  waiting: number,
];
/** The choice is out of date, or more has failed since than one step takes along: that has to be chosen from as well. */
type RetryTrouble = 'changed' | 'more';

/** Until when a retry that begins to wait now is tried. */
export function patienceEnds(): number {
  return performance.now() + PATIENCE_MS;
}

/**
 * Runs some of a job's failed uploads again. All are looked at first, and when none is chosen nothing is written. Then
 * they are noted in parts, which nobody sees, and one step makes them count; when the job was cancelled or retried
 * meanwhile, it begins again.
 */
export async function retryChosen(
  connection: Connection,
  jobId: string,
  which: RetrySelection,
  bounds: RetryBounds,
  until: number = patienceEnds(),
): Promise<Retried | undefined> {
  const choice = new Choice(connection, jobId, which, bounds);
  for (let attempt = 0; performance.now() < until; attempt += 1) {
    const answer = await choice.attempt(attempt, until);
    if (answer !== 'changed') return answer;
    await rest(attempt);
  }
  throw tooManyChoose();
}

/** Some failures in a row: where they begin and end, which of them are chosen, and which are not. */
interface Part {
  readonly start: number;
  readonly next: number;
  readonly chosen: readonly number[];
  readonly rest: readonly number[];
}

/** What was found from one place to the end. */
interface Looked {
  readonly parts: readonly Part[];
  readonly chosen: number;
  readonly marks: number;
  readonly job: JobSummary;
  readonly waiting: number;
}

/** One retry of some of what failed. */
class Choice {
  readonly #connection: Connection;
  readonly #jobId: string;
  readonly #isChosen: (failure: Failure) => boolean;
  readonly #bounds: RetryBounds;
  /** The same in every attempt, so that one whose reply was lost is known. */
  readonly #request = randomUUID();

  constructor(connection: Connection, jobId: string, which: RetrySelection, bounds: RetryBounds) {
    this.#connection = connection;
    this.#jobId = jobId;
    this.#isChosen = chooser(which);
    this.#bounds = bounds;
  }

  async attempt(attempt: number, until: number): Promise<Retried | undefined | 'changed'> {
    /** What is noted under. */
    const name = `${this.#request}${attempt}`;
    let chosen = 0;
    let marks: number | undefined;
    for (let start = 0; ; ) {
      const looked = await this.#look(start, marks);
      if (looked === undefined || looked === 'changed') return looked;
      chosen += looked.chosen;
      if (chosen === 0) return { status: 'unchanged', job: looked.job };
      if (looked.waiting + chosen > this.#bounds.maxWaiting) return refused(looked.job, chosen, this.#bounds);
      marks = looked.marks;
      for (const part of looked.parts) {
        if (!(await this.#note(name, part, marks, until))) return 'changed';
        start = part.next;
      }
      const args = [this.#jobId, this.#request, name, marks, start, ...boundArgs(this.#bounds)];
      const answer = (await this.#connection.run('retry', args)) as
        | RetryAnswer
        | readonly [RetryTrouble]
        | null;
      if (answer === null) return undefined;
      if (isRetry(answer)) return decodeRetry(answer, this.#bounds);
      if (answer[0] === 'changed') return 'changed';
    }
  }

  /** Only reads. */
  async #look(first: number, marksBefore?: number): Promise<Looked | undefined | 'changed'> {
    const parts: Part[] = [];
    let chosen = 0;
    for (let start = first; ; ) {
      const args = [this.#jobId, start, PART];
      const found = (await this.#connection.run('failures', args)) as FailuresAnswer | null;
      if (found === null) return undefined;
      const [marks, next, hasMore, failures, job, waiting] = found;
      marksBefore ??= marks;
      if (marks !== marksBefore) return 'changed';
      const part = { start, next, ...parted(failures, this.#isChosen) };
      if (next > start) parts.push(part);
      chosen += part.chosen.length;
      start = next;
      if (hasMore === 0) return { parts, chosen, marks, job: decodeJob(job), waiting };
    }
  }

  /** False when the job has changed. While another process chooses, it waits. */
  async #note(
    name: string,
    { start, next, chosen, rest: others }: Part,
    marks: number,
    until: number,
  ): Promise<boolean> {
    const args = [this.#jobId, name, start, marks, next, chosen.length, ...chosen, ...others];
    for (let tries = 0; performance.now() < until; tries += 1) {
      const answer = await this.#connection.run('choose', args);
      if (answer !== SOMEBODY_ELSE_CHOOSES) return answer === CHOSEN;
      await rest(tries);
    }
    return false;
  }
}

function rest(tries: number): Promise<void> {
  return sleep(Math.random() * Math.min(FIRST_REST_MS * (tries + 1), LONGEST_REST_MS));
}

function isRetry(answer: RetryAnswer | readonly [RetryTrouble]): answer is RetryAnswer {
  return answer.length > 1;
}

function parted(
  failures: readonly Failure[],
  isChosen: (failure: Failure) => boolean,
): Pick<Part, 'chosen' | 'rest'> {
  const chosen: number[] = [];
  const others: number[] = [];
  for (const failure of failures) (isChosen(failure) ? chosen : others).push(failure[0]);
  return { chosen, rest: others };
}

function chooser({ urls, codes }: RetrySelection): (failure: Failure) => boolean {
  const wantedUrls = urls === undefined ? undefined : new Set(urls.map((url) => url.toWellFormed()));
  const wantedCodes = codes === undefined ? undefined : new Set<string>(codes);
  return ([, url, code]) => (wantedUrls?.has(url) ?? true) && (wantedCodes?.has(code) ?? true);
}

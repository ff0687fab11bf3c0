import { randomUUID } from 'node:crypto';

import { type JobSummary, type RetrySelection, StoreUnavailableError } from '@imgferry/core';
import type { Connection } from './connection.ts';
import { decodeJob, type JobAnswer } from './decode-job.ts';
import type { UploadAnswer } from './decode-upload.ts';
import type { UploadsAnswer } from './read-uploads.ts';

const PART = 1_000;
const TRIES = 5;

/**
 * Runs some of a job's failed uploads again. They are noted in parts, which nobody sees, and one step makes them count;
 * when the job was cancelled or retried meanwhile it begins again.
 */
export async function retryChosen(
  connection: Connection,
  jobId: string,
  which: RetrySelection,
): Promise<JobSummary | undefined> {
  const choice = randomUUID();
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const noted = await note(connection, jobId, which, `${choice}${attempt}`);
    if (noted === 'unknown') return undefined;
    if (noted === 'changed') continue;
    const args = [jobId, choice, `${choice}${attempt}`, noted.marks, noted.failedLength];
    const answer = (await connection.run('retry', args)) as JobAnswer | readonly ['changed'] | null;
    if (answer === null) return undefined;
    if (answer.length > 1) return decodeJob(answer as JobAnswer);
  }
  throw new StoreUnavailableError('the job was changed again and again while its failed uploads were chosen');
}

interface Noted {
  readonly marks: number;
  readonly failedLength: number;
}

async function note(
  connection: Connection,
  jobId: string,
  which: RetrySelection,
  choice: string,
): Promise<Noted | 'unknown' | 'changed'> {
  const isChosen = chooser(which);
  let noted: Noted | undefined;
  for (let start = 0; start >= 0; ) {
    const args = [jobId, start, PART, 'failed', PART];
    const answer = (await connection.run('uploads', args)) as UploadsAnswer | null;
    if (answer === null) return 'unknown';
    const [, next, uploads, marks, failedLength] = answer;
    const isFirst = noted === undefined;
    noted ??= { marks, failedLength };
    const chosen = uploads.filter(isChosen).map(([index]) => index);
    const rest = uploads.filter((upload) => !isChosen(upload)).map(([index]) => index);
    const sent = [jobId, choice, isFirst ? 1 : 0, noted.marks, chosen.length, ...chosen, ...rest];
    if ((await connection.run('choose', sent)) !== 1) return 'changed';
    start = next;
  }
  return noted ?? 'unknown';
}

function chooser({ urls, codes }: RetrySelection): (upload: UploadAnswer) => boolean {
  const wantedUrls = urls === undefined ? undefined : new Set(urls);
  const wantedCodes = codes === undefined ? undefined : new Set<string>(codes);
  return ([, url, , , code]) => (wantedUrls?.has(url) ?? true) && (wantedCodes?.has(code ?? '') ?? true);
}

import type { JobSummary, StoreEvent, UploadProgressed } from '@imgferry/core';
import type { ServedUploader } from './served-uploader.ts';

/** What comes next of a job. */
export type Followed = IteratorResult<StoreEvent | UploadProgressed, unknown>;

/** One client's own reading of a job's events. Nothing is asked for before it is wanted, apart from the first. */
export class FollowedJob {
  readonly #over = new AbortController();
  readonly #events: AsyncIterator<StoreEvent | UploadProgressed>;
  #first: Promise<Followed> | undefined;

  /** Begins at once: what happens from now on is told, whatever is read after this. */
  constructor(uploader: ServedUploader, jobId: string, after?: string) {
    const { signal } = this.#over;
    const events = uploader.follow(jobId, {
      signal,
      progress: true,
      ...(after === undefined ? {} : { after }),
    });
    this.#events = events[Symbol.asyncIterator]();
    this.#first = this.#events.next();
    this.#first.catch(() => {});
  }

  /** Waits for the first event without taking it. */
  async isAtItsEnd(): Promise<boolean> {
    const first = await this.#first;
    return first?.done === true;
  }

  next(): Promise<Followed> {
    const next = this.#first ?? this.#events.next();
    this.#first = undefined;
    return next;
  }

  /** Ends it at once, also while somebody waits. */
  close(): void {
    this.#over.abort();
  }

  get signal(): AbortSignal {
    return this.#over.signal;
  }
}

/** What a job was when its events began to be followed. */
export interface Subscribed {
  readonly followed: FollowedJob;
  readonly job: JobSummary;
}

const maxTries = 5;

/**
 * Begins to follow a job and reads how it is, in that order, so that nothing is missed between. What happens just
 * between would be in both, so it is done again until nothing has; a job that never rests is taken as it comes.
 * `undefined` when the job is unknown.
 */
export async function subscribe(
  uploader: ServedUploader,
  before: JobSummary,
): Promise<Subscribed | undefined> {
  let known = before;
  for (let tries = 1; ; tries += 1) {
    const followed = new FollowedJob(uploader, known.id);
    const job = await uploader.job(known.id).catch((error: unknown) => {
      followed.close();
      throw error;
    });
    if (job !== undefined && (tries === maxTries || isAsBefore(job, known))) return { followed, job };
    followed.close();
    if (job === undefined) return undefined;
    known = job;
  }
}

function isAsBefore(job: JobSummary, before: JobSummary): boolean {
  return job.complete === before.complete && job.failed === before.failed && job.status === before.status;
}

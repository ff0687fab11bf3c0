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

  /** Ends it at once, also while somebody waits, or while nobody has taken what it has. */
  close(): void {
    this.#over.abort();
    this.#events.return?.()?.catch(() => {});
  }
}

/** What is read of a job as its events begin to be followed. */
export interface JobRead {
  readonly job: JobSummary;
}

/** Its events from now on, and how it was when they began. */
export interface Subscribed<Read extends JobRead> {
  readonly followed: FollowedJob;
  readonly read: Read;
}

const maxTries = 5;

/**
 * Begins to follow a job and reads how it is, in that order, so that nothing is missed between. What happens just
 * between would be in both, so it is done again until nothing has; a job that never rests is taken as it comes.
 * `undefined` when the job is unknown.
 */
export async function subscribe<Read extends JobRead>(
  uploader: ServedUploader,
  before: JobSummary,
  readJob: () => Promise<Read | undefined>,
): Promise<Subscribed<Read> | undefined> {
  let known = before;
  for (let tries = 1; ; tries += 1) {
    const followed = new FollowedJob(uploader, known.id);
    const read = await readJob().catch((error: unknown) => {
      followed.close();
      throw error;
    });
    if (read !== undefined && (tries === maxTries || isAsBefore(read.job, known))) return { followed, read };
    followed.close();
    if (read === undefined) return undefined;
    known = read.job;
  }
}

function isAsBefore(job: JobSummary, before: JobSummary): boolean {
  return job.complete === before.complete && job.failed === before.failed && job.status === before.status;
}

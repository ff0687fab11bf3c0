import type { JobSummary } from './job.ts';
import type { Store } from './store.ts';

/** One reading of a job. */
export interface JobLook {
  /** When it was asked for, by `performance.now()`. */
  readonly askedAt: number;
  readonly job: Promise<JobSummary | undefined>;
}

/** Reads jobs for those who follow them, once for all who follow the same one. */
export class JobLooks {
  readonly #store: Pick<Store, 'get'>;
  readonly #followers = new Map<string, number>();
  /** The newest look at each job that is followed. */
  readonly #looks = new Map<string, JobLook>();

  constructor(store: Pick<Store, 'get'>) {
    this.#store = store;
  }

  /** A look at a job that was asked for after `since`: the newest, if it was, or another one. */
  look(jobId: string, since: number): JobLook {
    const newest = this.#looks.get(jobId);
    if (newest !== undefined && newest.askedAt > since) return newest;
    const look = { askedAt: performance.now(), job: this.#store.get(jobId) };
    if (this.#followers.has(jobId)) this.#looks.set(jobId, look);
    return look;
  }

  /** Somebody follows a job, until the function that this answers is called. */
  follow(jobId: string): () => void {
    this.#followers.set(jobId, (this.#followers.get(jobId) ?? 0) + 1);
    return () => {
      const others = (this.#followers.get(jobId) ?? 1) - 1;
      this.#followers.set(jobId, others);
      if (others > 0) return;
      this.#followers.delete(jobId);
      this.#looks.delete(jobId);
    };
  }
}

import type { JobSummary } from './job.ts';
import type { Store } from './store.ts';

/** One reading of a job. */
export interface JobLook {
  /** When it was asked for, by `performance.now()`. */
  readonly askedAt: number;
  readonly job: Promise<JobSummary | undefined>;
}

/**
 * Reads jobs for those who follow them, once for all who follow the same one. Each says since when a look has to have been asked
 * for, and is given no older one.
 */
export class JobLooks {
  readonly #store: Pick<Store, 'get'>;
  readonly #followers = new Map<string, number>();
  /** The newest look at each job that is followed. */
  readonly #looks = new Map<string, JobLook>();
  /** Those that begin when the one before has its answer. */
  readonly #next = new Map<string, Promise<JobLook>>();

  constructor(store: Pick<Store, 'get'>) {
    this.#store = store;
  }

  /**
   * A look at a job that was asked for after `since`: the newest, if it was, or another one. All who want another while
   * the newest has no answer yet share the one behind it, so that however many ask, one is under way.
   */
  async look(jobId: string, since: number): Promise<JobLook> {
    const newest = this.#looks.get(jobId);
    if (newest === undefined) return this.#begin(jobId);
    if (newest.askedAt > since) return newest;
    const next = this.#next.get(jobId) ?? this.#behind(newest, jobId);
    this.#next.set(jobId, next);
    return next;
  }

  #begin(jobId: string): JobLook {
    const look = { askedAt: performance.now(), job: this.#store.get(jobId) };
    look.job.catch(() => {});
    if (this.#followers.has(jobId)) this.#looks.set(jobId, look);
    return look;
  }

  async #behind({ job }: JobLook, jobId: string): Promise<JobLook> {
    await job.catch(() => {});
    this.#next.delete(jobId);
    return this.#begin(jobId);
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

import type { IdempotencyKeys } from './idempotency-keys.ts';
import type { JobRecord } from './job-record.ts';
import type { Jobs } from './jobs.ts';
import type { Pauses } from './pauses.ts';
import type { RememberedImages } from './remembered-images.ts';
import { TimeHeap } from './time-heap.ts';

/** How much of what is over one call cleans up. */
const SWEEP_LIMIT = 100;

/** What is forgotten once its time is over. */
export interface RetentionParts {
  readonly retentionMs: number;
  readonly jobs: Jobs;
  readonly pauses: Pauses;
  readonly keys: IdempotencyKeys;
  readonly images: RememberedImages;
}

/** How long finished jobs are kept. What is over is forgotten in small steps, inside other calls. */
export class Retention {
  readonly #parts: RetentionParts;
  /** Finished jobs by the time they are forgotten. */
  readonly #finished = new TimeHeap<JobRecord>();

  constructor(parts: RetentionParts) {
    this.#parts = parts;
  }

  /** From now on its time runs. */
  finished(job: JobRecord): void {
    this.#finished.set(job, this.#forgottenAt(job));
  }

  /** It runs again. */
  reopened(job: JobRecord): void {
    this.#finished.delete(job);
  }

  /** True of a job whose time is over and that the bounded sweeps have not come to yet. */
  isOver(job: JobRecord, now: number): boolean {
    return job.finishedAt !== null && this.#forgottenAt(job) <= now;
  }

  sweep(now: number): void {
    this.#parts.keys.sweep(SWEEP_LIMIT, now);
    this.#parts.images.sweep(SWEEP_LIMIT, now);
    for (let step = 0; step < SWEEP_LIMIT; step += 1) {
      const due = this.#finished.first;
      if (due === undefined || due.at > now) return;
      this.forget(due.item);
    }
  }

  forget(job: JobRecord): void {
    this.#finished.delete(job);
    this.#parts.pauses.forget(job);
    this.#parts.jobs.delete(job);
  }

  #forgottenAt(job: JobRecord): number {
    return Math.max((job.finishedAt ?? 0) + this.#parts.retentionMs, job.keyExpiresAt);
  }
}

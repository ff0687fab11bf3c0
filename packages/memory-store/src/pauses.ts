import type { PausedBy, StoreChange } from '@imgferry/core';
import type { JobRecord } from './job-record.ts';

const NONE: readonly PausedBy[] = Object.freeze([]);

/** What an operator has paused. Each of its methods that changes something tells of it and answers true. */
export class Pauses {
  readonly #tell: (change: StoreChange) => void;
  readonly #hosts = new Set<string>();
  readonly #jobs = new Set<JobRecord>();
  #queue = false;

  constructor(tell: (change: StoreChange) => void) {
    this.#tell = tell;
  }

  /** Whether the whole queue is. */
  get queue(): boolean {
    return this.#queue;
  }

  /** The hosts that are, by name. */
  get hosts(): readonly string[] {
    return [...this.#hosts].sort();
  }

  /** Whether nothing that goes to a host is handed out. */
  stop(host: string): boolean {
    return this.#queue || this.#hosts.has(host);
  }

  /** All that hold a job up. */
  of(job: JobRecord): readonly PausedBy[] {
    if (!job.paused && !this.stop(job.host)) return NONE;
    const pausedBy: PausedBy[] = job.paused ? ['job'] : [];
    if (this.#hosts.has(job.host)) pausedBy.push('host');
    if (this.#queue) pausedBy.push('queue');
    return Object.freeze(pausedBy);
  }

  /** How many jobs that are not complete are paused themselves. */
  countLiveJobs(): number {
    let count = 0;
    for (const job of this.#jobs) if (job.finishedAt === null) count += 1;
    return count;
  }

  /** Of a job that is not known any more nothing is kept. */
  forget(job: JobRecord): void {
    this.#jobs.delete(job);
  }

  setQueue(paused: boolean): boolean {
    if (this.#queue === paused) return false;
    this.#queue = paused;
    this.#tell({ type: paused ? 'queue:paused' : 'queue:resumed' });
    return true;
  }

  setHost(host: string, paused: boolean): boolean {
    if (this.#hosts.has(host) === paused) return false;
    if (paused) this.#hosts.add(host);
    else this.#hosts.delete(host);
    this.#tell(
      paused
        ? { type: 'host:paused', host, reason: 'operator', forMs: null }
        : { type: 'host:resumed', host },
    );
    return true;
  }

  setJob(job: JobRecord, paused: boolean): boolean {
    if (job.paused === paused) return false;
    if (paused) this.#jobs.add(job);
    else this.#jobs.delete(job);
    job.paused = paused;
    this.#tell({ type: paused ? 'job:paused' : 'job:resumed', jobId: job.id, job: job.summary(this) });
    return true;
  }
}

import type { Failure, RecentFailure } from '@imgferry/core';
import type { JobRecord } from './job-record.ts';
import { Tail } from './tail.ts';

const KEPT = 1_000;

/** What is kept of a failure: nothing that the store is to forget with its job. */
interface Entry {
  readonly jobId: string;
  /** Tells its job from a later one with the same id. */
  readonly createdAt: number;
  readonly index: number;
  readonly failure: Failure;
  readonly at: number;
}

/** The uploads that failed last. */
export class RecentFailures {
  readonly #entries = new Tail<Entry>(KEPT);

  add(job: JobRecord, index: number, failure: Failure, at: number): void {
    this.#entries.append({ jobId: job.id, createdAt: job.createdAt, index, failure, at });
  }

  /** Newest first. @param find The job of that id, if it is known. */
  list(limit: number, find: (jobId: string) => JobRecord | undefined): readonly RecentFailure[] {
    const found: RecentFailure[] = [];
    for (let place = this.#entries.end - 1; found.length < limit; place -= 1) {
      const entry = this.#entries.at(place);
      if (entry === undefined) break;
      const { jobId, createdAt, index, failure, at } = entry;
      const job = find(jobId);
      const url = job?.createdAt === createdAt ? job.urls[index] : undefined;
      if (job === undefined || url === undefined) continue;
      found.push({ jobId, index, url, host: job.host, failure: { ...failure }, at });
    }
    return found;
  }
}

import { setTimeout as sleep } from 'node:timers/promises';

import type { UploadProgressed } from '@imgferry/core';
import type { MonitoredUploader } from '../monitored-uploader.ts';

/** Who wants to know what happens to a job. */
export interface JobListener {
  /** Something happened; what, a look will show. */
  readonly happened: () => void;
  readonly progressed: (progress: UploadProgressed) => void;
}

/** A job that is over or unknown is followed again after this, in milliseconds: it may be retried. */
const defaultAgainMs = 2_000;

interface Followed {
  readonly listeners: Set<JobListener>;
  readonly over: AbortController;
}

/**
 * Follows jobs for those who watch them, each job once for all. Hints: where the store can not tell, the looks at it do.
 */
export class JobHints {
  readonly #uploader: Pick<MonitoredUploader, 'follow'>;
  readonly #againMs: number;
  readonly #jobs = new Map<string, Followed>();

  constructor(uploader: Pick<MonitoredUploader, 'follow'>, againMs: number = defaultAgainMs) {
    this.#uploader = uploader;
    this.#againMs = againMs;
  }

  /** Answers how to leave. */
  hear(jobId: string, listener: JobListener): () => void {
    const followed = this.#jobs.get(jobId) ?? this.#begin(jobId);
    followed.listeners.add(listener);
    return () => {
      followed.listeners.delete(listener);
      if (followed.listeners.size > 0 || followed.over.signal.aborted) return;
      this.#jobs.delete(jobId);
      followed.over.abort();
    };
  }

  /** How many jobs are followed. */
  get size(): number {
    return this.#jobs.size;
  }

  #begin(jobId: string): Followed {
    const followed: Followed = { listeners: new Set(), over: new AbortController() };
    this.#jobs.set(jobId, followed);
    void this.#follow(jobId, followed);
    return followed;
  }

  async #follow(jobId: string, { listeners, over: { signal } }: Followed): Promise<void> {
    while (!signal.aborted) {
      try {
        for await (const event of this.#uploader.follow(jobId, { progress: true, signal }))
          for (const each of listeners)
            if (event.type === 'upload:progressed') each.progressed(event);
            else each.happened();
      } catch {
        // The look at the same job tells what is wrong.
      }
      await sleep(this.#againMs, undefined, { signal }).catch(() => {});
    }
  }
}

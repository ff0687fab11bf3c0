import type { Buffer } from 'node:buffer';

import type { JobSummary } from '@imgferry/core';
import { gapFrame } from './event-frames.ts';
import { type JobView, readJobWithView, writeJobView } from './job-view.ts';
import { Problem, retryAfter } from './problem.ts';
import type { ServedUploader } from './served-uploader.ts';
import { SharedReads } from './shared-reads.ts';

const fullRetryMs = 5_000;

/** How a job is, and what tells it to a client. */
export interface TellableJob {
  readonly job: JobSummary;
  readonly frame: Buffer;
}

/** What the event streams of one handler share: how many there may be, and what is read once for all of them. */
export class EventStreams {
  readonly #most: number;
  readonly #gaps = new SharedReads<TellableJob | undefined>();
  readonly #jobs = new SharedReads<JobSummary | undefined>();
  #lastGap: WeakRef<Buffer> | undefined;
  #open = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Takes a place. Answers the function that gives it back, which may be called more than once. */
  take(): () => void {
    if (this.#open >= this.#most)
      throw new Problem('unavailable', 'too many event streams are open', retryAfter(fullRetryMs));
    this.#open += 1;
    let held = true;
    return () => {
      if (held) this.#open -= 1;
      held = false;
    };
  }

  /** How a job is, for one of many who ask at the same time; `undefined` when it is unknown. */
  job(uploader: ServedUploader, jobId: string): Promise<JobSummary | undefined> {
    return this.#jobs.read(jobId, () => uploader.job(jobId));
  }

  /** How a job is of which events were missed; `undefined` when it is unknown. */
  gap(uploader: ServedUploader, jobId: string): Promise<TellableJob | undefined> {
    return this.#gaps.read(jobId, async () => {
      const gap = await readGap(uploader, jobId);
      return gap && { ...gap, frame: this.#onlyOne(gap.frame) };
    });
  }

  /** Any number of clients that take nothing of the same long frame hold it once. */
  #onlyOne(frame: Buffer): Buffer {
    const last = this.#lastGap?.deref();
    if (last?.equals(frame)) return last;
    this.#lastGap = new WeakRef(frame);
    return frame;
  }
}

async function readGap(uploader: ServedUploader, jobId: string): Promise<TellableJob | undefined> {
  const read = await readJobWithView(uploader, jobId);
  return read && { job: read.job, frame: gapFrame(read.job, await inOnePiece(read.view)) };
}

async function inOnePiece(view: JobView): Promise<string> {
  const written = writeJobView(view);
  if (typeof written === 'string') return written;
  let text = '';
  for await (const part of written) text += part;
  return text;
}

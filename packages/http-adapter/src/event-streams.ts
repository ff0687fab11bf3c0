import type { Buffer } from 'node:buffer';

import type { JobSummary } from '@imgferry/core';
import { gapFrame } from './event-frames.ts';
import { type JobView, readJobWithView, writeJobView } from './job-view.ts';
import type { ResolvedOptions } from './options.ts';
import { Problem, retryAfter } from './problem.ts';
import type { ServedUploader } from './served-uploader.ts';
import { SharedReads } from './shared-reads.ts';

const fullRetryMs = 5_000;

/** How many streams there may be. */
export type EventStreamLimits = Pick<ResolvedOptions, 'maxEventStreams' | 'maxEventStreamsPerClient'>;
/** How a job is, and what tells it to a client. */
export interface TellableJob {
  readonly job: JobSummary;
  readonly frame: Buffer;
}

/** What the event streams of one handler share: how many there may be, and what is read once for all of them. */
export class EventStreams {
  readonly #most: number;
  readonly #mostPerClient: number;
  /** How many each client has open. */
  readonly #ofClients = new Map<string, number>();
  readonly #gaps = new SharedReads<TellableJob | undefined>();
  readonly #jobs = new SharedReads<JobSummary | undefined>();
  /** The newest frame of each job's gaps, for as long as somebody holds it. */
  readonly #held = new Map<string, WeakRef<Buffer>>();
  readonly #dropped = new FinalizationRegistry<string>((jobId) => this.#forget(jobId));
  #open = 0;

  constructor({ maxEventStreams, maxEventStreamsPerClient }: EventStreamLimits) {
    this.#most = maxEventStreams;
    this.#mostPerClient = maxEventStreamsPerClient;
  }

  /** Takes a place, for a client if one is named. Answers the function that gives it back, which may be called more than once. */
  take(client: string | undefined): () => void {
    if (this.#open >= this.#most)
      throw new Problem('unavailable', 'too many event streams are open', retryAfter(fullRetryMs));
    if (client !== undefined && (this.#ofClients.get(client) ?? 0) >= this.#mostPerClient)
      throw new Problem(
        'unavailable',
        'too many event streams of this client are open',
        retryAfter(fullRetryMs),
      );
    this.#count(client, 1);
    let held = true;
    return () => {
      if (held) this.#count(client, -1);
      held = false;
    };
  }

  #count(client: string | undefined, by: 1 | -1): void {
    this.#open += by;
    if (client === undefined) return;
    const count = (this.#ofClients.get(client) ?? 0) + by;
    if (count === 0) this.#ofClients.delete(client);
    else this.#ofClients.set(client, count);
  }

  /** How a job is, for one of many who ask at the same time; `undefined` when it is unknown. */
  job(uploader: ServedUploader, jobId: string): Promise<JobSummary | undefined> {
    return this.#jobs.read(jobId, () => uploader.job(jobId));
  }

  /** How a job is of which events were missed; `undefined` when it is unknown. */
  gap(uploader: ServedUploader, jobId: string): Promise<TellableJob | undefined> {
    return this.#gaps.read(jobId, async () => {
      const gap = await readGap(uploader, jobId);
      return gap && { ...gap, frame: this.#onlyOne(jobId, gap.frame) };
    });
  }

  /** Any number of clients that take nothing of the same long frame hold it once. */
  #onlyOne(jobId: string, frame: Buffer): Buffer {
    const held = this.#held.get(jobId)?.deref();
    if (held?.equals(frame)) return held;
    this.#held.set(jobId, new WeakRef(frame));
    this.#dropped.register(frame, jobId);
    return frame;
  }

  /** Newer data of the job may be held by now. */
  #forget(jobId: string): void {
    if (this.#held.get(jobId)?.deref() === undefined) this.#held.delete(jobId);
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

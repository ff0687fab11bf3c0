import type { Buffer } from 'node:buffer';

import { jobFacts } from './event-data.ts';
import { dataLine } from './event-frames.ts';
import { type JobView, readJobView, writeJobView } from './job-view.ts';
import { Problem, retryAfter } from './problem.ts';
import type { ServedUploader } from './served-uploader.ts';
import { SharedReads } from './shared-reads.ts';

const fullRetryMs = 5_000;

/** What the event streams of one handler share: how many there may be, and what is read once for all of them. */
export class EventStreams {
  readonly #most: number;
  readonly #gaps = new SharedReads<Buffer | undefined>();
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

  /** The data of a gap that was met just now; `undefined` when the job is unknown. */
  gapData(uploader: ServedUploader, jobId: string): Promise<Buffer | undefined> {
    return this.#gaps.read(jobId, async () => this.#onlyOne(await readGap(uploader, jobId)));
  }

  /** Any number of clients that take nothing of the same long data hold it once. */
  #onlyOne(data: Buffer | undefined): Buffer | undefined {
    const last = this.#lastGap?.deref();
    if (data === undefined) return undefined;
    if (last?.equals(data)) return last;
    this.#lastGap = new WeakRef(data);
    return data;
  }
}

async function readGap(uploader: ServedUploader, jobId: string): Promise<Buffer | undefined> {
  const view = await readJobView(uploader, jobId);
  const job = view && (await uploader.job(jobId));
  if (view === undefined || job === undefined) return undefined;
  return dataLine(`{"job":${JSON.stringify(jobFacts(job))},"view":${await inOnePiece(view)}}`);
}

async function inOnePiece(view: JobView): Promise<string> {
  const written = writeJobView(view);
  if (typeof written === 'string') return written;
  let text = '';
  for await (const part of written) text += part;
  return text;
}

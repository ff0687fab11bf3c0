import type { Buffer } from 'node:buffer';

import { jobFacts } from './event-data.ts';
import { dataLine } from './event-frames.ts';
import { type JobView, readJobView, writeJobView } from './job-view.ts';
import type { ResolvedOptions } from './options.ts';
import { Problem, retryAfter } from './problem.ts';
import type { ServedUploader } from './served-uploader.ts';
import { SharedReads } from './shared-reads.ts';

const fullRetryMs = 5_000;

/** How many streams there may be. */
export type EventStreamLimits = Pick<ResolvedOptions, 'maxEventStreams' | 'maxEventStreamsPerClient'>;

/** What the event streams of one handler share: how many there may be, and what is read once for all of them. */
export class EventStreams {
  readonly #most: number;
  readonly #mostPerClient: number;
  /** How many each client has open. */
  readonly #ofClients = new Map<string, number>();
  readonly #gaps = new SharedReads<Buffer | undefined>();
  /** The newest data of each job's gaps, for as long as somebody holds it. */
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

  /** The data of a gap that was met just now; `undefined` when the job is unknown. */
  gapData(uploader: ServedUploader, jobId: string): Promise<Buffer | undefined> {
    return this.#gaps.read(jobId, async () => this.#onlyOne(jobId, await readGap(uploader, jobId)));
  }

  /** Any number of clients that take nothing of the same long data hold it once. */
  #onlyOne(jobId: string, data: Buffer | undefined): Buffer | undefined {
    const held = this.#held.get(jobId)?.deref();
    if (data === undefined) return undefined;
    if (held?.equals(data)) return held;
    this.#held.set(jobId, new WeakRef(data));
    this.#dropped.register(data, jobId);
    return data;
  }

  /** Newer data of the job may be held by now. */
  #forget(jobId: string): void {
    if (this.#held.get(jobId)?.deref() === undefined) this.#held.delete(jobId);
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

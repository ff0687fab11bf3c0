import { StoreUnavailableError } from './errors.ts';
import { type EventRead, EventReader } from './event-reader.ts';
import type { JobSummary } from './job.ts';
import type { JobLooks } from './job-looks.ts';
import { NewestProgress } from './newest-progress.ts';
import type { Store } from './store.ts';
import type { StoreEvent } from './store-event.ts';
import { asEvent, type UploadProgress, type UploadProgressed } from './upload-progress.ts';

/** What following a job needs to know. */
export interface JobFollowerParts {
  readonly store: Store;
  readonly looks: JobLooks;
  readonly pollMs: number;
  readonly after?: string;
  readonly progress?: boolean;
  /** When the events began, by `performance.now()`. What is read of the job has to be asked for later. */
  readonly begunAt: number;
  readonly signal: AbortSignal;
}

/** One reading of a job's events: how far it is, what it last knew of the job, and when it looked. */
export class JobFollower {
  readonly #jobId: string;
  readonly #parts: JobFollowerParts;
  readonly #reader: EventReader;
  readonly #progress = new NewestProgress();
  /** The event that was told last. */
  #place: string | undefined;
  #job: JobSummary | undefined;
  /** When what it knows of the job was asked for. */
  #lookedAt: number;
  #isAwaited = false;

  /** @param events What happens to the job, from `after` or from now on. */
  constructor(jobId: string, parts: JobFollowerParts, events: AsyncIterable<StoreEvent>) {
    this.#jobId = jobId;
    this.#parts = parts;
    this.#place = parts.after;
    this.#lookedAt = parts.begunAt;
    this.#reader = new EventReader(events);
  }

  async *follow(): AsyncGenerator<StoreEvent | UploadProgressed, void, undefined> {
    await this.#look(this.#lookedAt);
    if (this.#parts.progress === true && !this.#isOver) void this.#hearProgress();
    while (!this.#isOver) {
      const isBehind = this.#progress.size > 0;
      const read = await this.#reader.read(isBehind ? 0 : this.#waitMs);
      if (read.status === 'ended') return;
      if (read.status === 'event') yield* this.#pass(read.event);
      else if (isBehind) yield* this.#untold();
      if (isFinished(read)) return;
      if (isGap(read)) await this.#lookAgain(performance.now());
      else if (this.#waitMs === 0) await this.#lookAgain(this.#lookedAt);
    }
    yield* this.#rest();
  }

  /** There is nothing to wait for any more. */
  get #isOver(): boolean {
    return this.#job?.status !== 'pending' && this.#job?.status !== 'in-progress';
  }

  get #waitMs(): number {
    return Math.max(0, this.#lookedAt + this.#parts.pollMs - performance.now());
  }

  *#pass(event: StoreEvent): Generator<StoreEvent, void, undefined> {
    this.#place = event.id;
    this.#progress.end(event);
    // The pauses of all hosts come this way.
    if (!('host' in event) || event.host === this.#job?.host) yield event;
  }

  /** Each upload once, so that one who reads slowly comes to the events as well. */
  *#untold(): Generator<UploadProgressed, void, undefined> {
    for (let left = this.#progress.size; left > 0; left -= 1) {
      const progress = this.#progress.take();
      if (progress !== undefined) yield asEvent(progress);
    }
  }

  /**
   * What is left of the history of a job that is complete. By now all of it is there, so this comes to its end by itself.
   * Who was told of no event asked for no history, and nothing else is left to come.
   */
  async *#rest(): AsyncGenerator<StoreEvent, void, undefined> {
    if (this.#job === undefined || this.#place === undefined) return;
    const { store, signal } = this.#parts;
    for await (const event of store.events({ jobId: this.#jobId, after: this.#place, live: false, signal })) {
      // That the queue or a host was paused is told by now by how the job is.
      if (event.type === 'gap' || 'jobId' in event) yield event;
      if (event.type === 'job:finished') return;
    }
  }

  /** A hint: where a store can not tell of it there is none. */
  async #hearProgress(): Promise<void> {
    const { store, signal } = this.#parts;
    const heard = (progress: UploadProgress): void => {
      this.#progress.hear(progress);
      this.#reader.wake();
    };
    try {
      await store.hearProgress({ jobId: this.#jobId, signal, heard });
    } catch {}
  }

  async #look(since: number): Promise<void> {
    const look = await this.#parts.looks.look(this.#jobId, since);
    this.#lookedAt = look.askedAt;
    const job = await look.job;
    if (job?.status === 'complete' && this.#isToBeAwaited) this.#isAwaited = true;
    else this.#job = job;
  }

  /**
   * It was seen running, and no event was told since: there is none to go on from, and what has finished it is still on
   * its way. It has until the next look to come.
   */
  get #isToBeAwaited(): boolean {
    return this.#job !== undefined && this.#place === undefined && !this.#isAwaited;
  }

  /** A store that is away for a moment ends nothing: it is asked again later. */
  async #lookAgain(since: number): Promise<void> {
    try {
      await this.#look(since);
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
    }
  }
}

function isGap(read: EventRead): boolean {
  return read.status === 'event' && read.event.type === 'gap';
}

function isFinished(read: EventRead): boolean {
  return read.status === 'event' && read.event.type === 'job:finished';
}

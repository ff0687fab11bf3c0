import { StoreUnavailableError } from './errors.ts';
import { type EventRead, EventReader } from './event-reader.ts';
import type { JobSummary } from './job.ts';
import type { JobLooks } from './job-looks.ts';
import { NewestProgress } from './newest-progress.ts';
import type { Store } from './store.ts';
import type { StoreEvent } from './store-event.ts';
import { asEvent, type ProgressEnd, type UploadProgress, type UploadProgressed } from './upload-progress.ts';

/**
 * An event is later than the step that finished the job only from the next millisecond on, and clocks of a store that
 * moved to another machine differ a little.
 */
const clockSlackMs = 1_000;

/** What is told of a job as it comes. */
export interface LiveEvents {
  readonly events: AsyncIterable<StoreEvent>;
  /** For how long. */
  readonly signal: AbortSignal;
  readonly end: () => void;
}

/** What following a job needs to know. */
export interface JobFollowerParts {
  readonly store: Store;
  readonly looks: JobLooks;
  readonly pollMs: number;
  readonly after?: string;
  readonly progress?: boolean;
  /** When the events began, by `performance.now()`. What is read of the job has to be asked for later. */
  readonly begunAt: number;
  /** Ends all of it. */
  readonly signal?: AbortSignal;
  /** Begins to tell what comes after an event. */
  readonly subscribe: (after: string) => LiveEvents;
}

/** What a look at the job has found. */
type Seen = 'nothing' | 'running' | 'complete' | 'unknown';

/** One reading of a job's events: how far it is, what it last saw of the job, and when it looked. */
export class JobFollower {
  readonly #jobId: string;
  readonly #parts: JobFollowerParts;
  #live: LiveEvents;
  #reader: EventReader;
  readonly #progress = new NewestProgress();
  /** The event that was told last. */
  #place: string | undefined;
  #seen: Seen = 'nothing';
  #job: JobSummary | undefined;
  /** When what it knows of the job was asked for. */
  #lookedAt: number;
  #isAwaited = false;
  #isHearing = false;

  /** @param live What happens to the job, from `after` or from now on. */
  constructor(jobId: string, parts: JobFollowerParts, live: LiveEvents) {
    this.#jobId = jobId;
    this.#parts = parts;
    this.#place = parts.after;
    this.#lookedAt = parts.begunAt;
    this.#live = live;
    this.#reader = new EventReader(live.events);
  }

  /** Lets go of what it was told by. */
  end(): void {
    this.#live.end();
  }

  async *follow(): AsyncGenerator<StoreEvent | UploadProgressed, void, undefined> {
    await this.#look(this.#lookedAt);
    let isAtItsEnd = false;
    while (!isAtItsEnd) isAtItsEnd = yield* this.#isOver ? this.#rest() : this.#follow();
  }

  /** What happens while the job runs. Answers whether that was all, or a look has found the job over. */
  async *#follow(): AsyncGenerator<StoreEvent | UploadProgressed, boolean, undefined> {
    if (this.#parts.progress === true && !this.#isHearing) void this.#hearProgress();
    while (!this.#isOver) {
      const isBehind = this.#progress.size > 0;
      const read = await this.#reader.read(isBehind ? 0 : this.#waitMs);
      if (read.status === 'ended') return true;
      if (read.status === 'event') yield* this.#pass(read.event);
      else if (isBehind) yield* this.#untold();
      if (isFinished(read)) return true;
      if (isGap(read)) await this.#lookAgain(performance.now());
      else if (this.#waitMs === 0) await this.#lookAgain(this.#lookedAt);
    }
    return false;
  }

  /** There is nothing to wait for any more. */
  get #isOver(): boolean {
    return this.#seen === 'complete' || this.#seen === 'unknown';
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
   * What is left of the history of a job that was complete. By now all of it is there, so this comes to its end by
   * itself, and what others did after the job's end is not read. Who was told of no event asked for no history, and
   * nothing else is left to come. Answers whether that was all: the job may have been retried since the look.
   */
  async *#rest(): AsyncGenerator<StoreEvent, boolean, undefined> {
    // It would read the same history beside us.
    this.#live.end();
    const after = this.#place;
    const job = this.#job;
    if (job === undefined || after === undefined) return true;
    const { store, signal = new AbortController().signal } = this.#parts;
    const rest = { jobId: this.#jobId, after, live: false, until: endOf(job), signal };
    for await (const event of store.events(rest)) {
      // That the queue or a host was paused is told by now by how the job is.
      if (event.type === 'gap' || 'jobId' in event) yield* this.#pass(event);
      if (event.type === 'job:finished') return true;
    }
    if (signal.aborted) return true;
    const wasTold = this.#place !== after;
    await this.#lookOnceMore();
    return !wasTold && this.#isOver && this.#job?.finishedAt === job.finishedAt;
  }

  /** The events that it was given have ended. What it saw of the job holds no more, also while the store is away. */
  async #lookOnceMore(): Promise<void> {
    this.#seen = 'running';
    await this.#lookAgain(performance.now());
    if (this.#isOver) return;
    this.#live = this.#parts.subscribe(this.#place ?? '');
    this.#reader = new EventReader(this.#live.events);
    this.#isHearing = false;
  }

  /** A hint: where a store can not tell of it there is none. */
  async #hearProgress(): Promise<void> {
    this.#isHearing = true;
    const { store } = this.#parts;
    const { signal } = this.#live;
    const heard = (progress: UploadProgress): void => {
      this.#progress.hear(progress);
      this.#reader.wake();
    };
    const ended = ({ index, at }: ProgressEnd): void => this.#progress.endAttempt(index, at);
    try {
      await store.hearProgress({ jobId: this.#jobId, signal, heard, ended });
    } catch {}
  }

  async #look(since: number): Promise<void> {
    const look = await this.#parts.looks.look(this.#jobId, since);
    this.#lookedAt = look.askedAt;
    const job = await look.job;
    if (job?.status === 'complete' && this.#isToBeAwaited) this.#isAwaited = true;
    else this.#seen = seenOf(job);
    this.#job = job;
  }

  /**
   * It was seen running, and no event was told since: there is none to go on from, and what has finished it is still on
   * its way. It has until the next look to come.
   */
  get #isToBeAwaited(): boolean {
    return this.#seen === 'running' && this.#place === undefined && !this.#isAwaited;
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

function seenOf(job: JobSummary | undefined): Seen {
  if (job === undefined) return 'unknown';
  return job.status === 'complete' ? 'complete' : 'running';
}

/** Until when something can have happened to a job. */
function endOf({ finishedAt }: JobSummary): number {
  return finishedAt === null ? Number.POSITIVE_INFINITY : finishedAt + clockSlackMs;
}

function isGap(read: EventRead): boolean {
  return read.status === 'event' && read.event.type === 'gap';
}

function isFinished(read: EventRead): boolean {
  return read.status === 'event' && read.event.type === 'job:finished';
}

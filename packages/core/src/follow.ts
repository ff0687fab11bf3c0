import { StoreUnavailableError } from './errors.ts';
import { type EventRead, EventReader } from './event-reader.ts';
import type { JobSummary } from './job.ts';
import type { Store } from './store.ts';
import type { StoreEvent } from './store-event.ts';

/** From where to follow, and until when. */
export interface FollowOptions {
  /** The id of an event: what came after it is told first. @default what happens from now on */
  readonly after?: string;
  /** Ends the iteration, which does not throw for it. */
  readonly signal?: AbortSignal;
}

/** What following needs to know. */
export interface FollowParts extends FollowOptions {
  readonly store: Store;
  /** How often the state of a job is read although no event asks for it. */
  readonly pollMs: number;
}

/** A job that is complete tells nothing new: when history has been quiet for so long it has been read to its end. */
const historyQuietMs = 1_000;
/** By how much the time of an event may be after that of its job although both are of one step. */
const sameMomentMs = 1_000;

/** The events of all jobs, until the signal aborts or the reader leaves. */
export function followFleet(parts: FollowParts): AsyncIterable<StoreEvent> {
  const { events, end } = subscribe(parts);
  return (async function* () {
    try {
      yield* events;
    } finally {
      end();
    }
  })();
}

/**
 * The events of one job, its `job:finished` the last of them, and gaps. Subscribes first and reads the state then, so
 * that nothing is missed between; and reads it again after a gap and every `pollMs`, so that it ends although the event
 * that says so was never heard.
 */
export function followJob(jobId: string, parts: FollowParts): AsyncIterable<StoreEvent> {
  const { events, end } = subscribe(parts);
  return (async function* () {
    try {
      yield* new JobFollower(jobId, parts, events).follow();
    } finally {
      end();
    }
  })();
}

interface Subscription {
  readonly events: AsyncIterable<StoreEvent>;
  readonly end: () => void;
}

/** Not put off until the first event is asked for: "from now on" begins with the call. */
function subscribe({ store, after, signal }: FollowParts): Subscription {
  const enough = new AbortController();
  const either = signal === undefined ? enough.signal : AbortSignal.any([signal, enough.signal]);
  const events = store.events({ signal: either, ...(after === undefined ? {} : { after }) });
  return { events, end: () => enough.abort() };
}

/** One reading of a job's events: what it last knew of the job, and when it looked. */
class JobFollower {
  readonly #jobId: string;
  readonly #parts: FollowParts;
  readonly #reader: EventReader;
  #job: JobSummary | undefined;
  #lookedAt = 0;

  constructor(jobId: string, parts: FollowParts, events: AsyncIterable<StoreEvent>) {
    this.#jobId = jobId;
    this.#parts = parts;
    this.#reader = new EventReader(events);
  }

  async *follow(): AsyncGenerator<StoreEvent, void, undefined> {
    await this.#look();
    // Nobody asked for history, and nothing else is left to come.
    if (this.#isComplete && this.#parts.after === undefined) return;
    while (this.#job !== undefined && this.#parts.signal?.aborted !== true) {
      const read = await this.#reader.read(this.#waitMs());
      if (read.status === 'ended') return;
      if (this.#concerns(read)) yield read.event;
      if (this.#isLast(read)) return;
      if (this.#asksForLook(read)) await this.#lookAgain();
    }
  }

  get #isComplete(): boolean {
    return this.#job?.status === 'complete';
  }

  #waitMs(): number {
    const nextLook = this.#lookedAt + this.#parts.pollMs - performance.now();
    return this.#isComplete ? historyQuietMs : Math.max(0, nextLook);
  }

  #concerns(read: EventRead): read is Extract<EventRead, { status: 'event' }> {
    if (read.status !== 'event') return false;
    return read.event.type === 'gap' || ('jobId' in read.event && read.event.jobId === this.#jobId);
  }

  /** A complete job's history is at its end when it is quiet, or when it tells of times after the job. */
  #isLast(read: EventRead): boolean {
    if (this.#concerns(read) && read.event.type === 'job:finished') return true;
    if (!this.#isComplete) return false;
    if (read.status !== 'event') return true;
    // A gap has the time at which it was met, and what history has left comes after it.
    return read.event.type !== 'gap' && read.event.at > (this.#job?.finishedAt ?? 0) + sameMomentMs;
  }

  #asksForLook(read: EventRead): boolean {
    if (read.status === 'event' && read.event.type === 'gap') return true;
    return !this.#isComplete && this.#waitMs() === 0;
  }

  async #look(): Promise<void> {
    this.#lookedAt = performance.now();
    this.#job = await this.#parts.store.get(this.#jobId);
  }

  /** A store that is away for a moment ends nothing: it is asked again later. */
  async #lookAgain(): Promise<void> {
    try {
      await this.#look();
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
    }
  }
}

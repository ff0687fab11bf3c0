import type { Buffer } from 'node:buffer';
import { setTimeout as sleep } from 'node:timers/promises';

import {
  type JobSummary,
  StateError,
  type StoreEvent,
  StoreUnavailableError,
  type UploadProgressed,
} from '@imgferry/core';
import { eventFrame, finishedFrame, heartbeat, retryFrame } from './event-frames.ts';
import type { TellableJob } from './event-streams.ts';
import type { FollowedJob, Subscribed } from './followed-job.ts';

/** What a stream needs. */
export interface EventStreamParts {
  /** Frames that come before all events. */
  readonly opening: readonly Buffer[];
  readonly followed: FollowedJob;
  readonly heartbeatMs: number;
  /** How the job is; `undefined` when it is unknown. */
  readonly job: () => Promise<JobSummary | undefined>;
  /** How the job is where a gap was met just now, and its events from there; `undefined` when it is unknown. */
  readonly afterGap: () => Promise<Subscribed<TellableJob> | undefined>;
  /** Called once, when the stream is over, however it ended. */
  readonly onEnd: () => void;
}

const restMs = 500;

/**
 * The events of a job as server-sent events (WHATWG HTML, 9.2), for one client. Nothing is asked of the store before
 * the client has taken what came before, so a slow one costs a place in history and no memory. Being left ends it at
 * once, also while it waits.
 */
export class EventStream implements AsyncIterableIterator<Buffer, undefined> {
  readonly #parts: EventStreamParts;
  readonly #frames: AsyncGenerator<Buffer, undefined, undefined>;
  readonly #over = new AbortController();
  #followed: FollowedJob;

  constructor(parts: EventStreamParts) {
    this.#parts = parts;
    this.#followed = parts.followed;
    this.#frames = this.#write();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Buffer, undefined>> {
    try {
      const next = await this.#frames.next();
      if (next.done) this.#end();
      return next;
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  async return(): Promise<IteratorResult<Buffer, undefined>> {
    this.#end();
    return this.#frames.return(undefined);
  }

  #end(): void {
    this.#over.abort();
    this.#followed.close();
    this.#parts.onEnd();
  }

  async *#write(): AsyncGenerator<Buffer, undefined, undefined> {
    yield retryFrame();
    yield* this.#parts.opening;
    for (;;) {
      const { done, value } = yield* this.#beating(this.#followed.next());
      if (this.#over.signal.aborted) return;
      if (done) break;
      if (!(yield* this.#tell(value))) return;
      if (value.type === 'job:finished') return;
    }
    yield* this.#finish();
  }

  /** Answers `false` when there is nothing to go on with. */
  async *#tell(event: StoreEvent | UploadProgressed): AsyncGenerator<Buffer, boolean, undefined> {
    const isGap = event.type === 'gap';
    const frame = isGap ? yield* this.#beating(this.#beginAnew()) : eventFrame(event);
    if (frame !== undefined) yield frame;
    return frame !== undefined || !isGap;
  }

  /** Answers the gap, behind which everything is later than what it tells. */
  async #beginAnew(): Promise<Buffer | undefined> {
    this.#followed.close();
    const begun = await this.#insist(this.#parts.afterGap);
    if (begun === undefined) return undefined;
    this.#followed = begun.followed;
    if (this.#over.signal.aborted) begun.followed.close();
    return begun.read.frame;
  }

  /** What was followed has nothing more to tell: the job is complete, unknown by now, or its store was closed. */
  async *#finish(): AsyncGenerator<Buffer, void, undefined> {
    const job = yield* this.#beating(this.#insist(this.#parts.job));
    if (job !== undefined && job.finishedAt !== null) yield finishedFrame(job, job.finishedAt);
  }

  /** Waits, and lets the client hear meanwhile that somebody is there. */
  async *#beating<Answer>(answer: Promise<Answer>): AsyncGenerator<Buffer, Answer, undefined> {
    let settled = false;
    let wake = (): void => {};
    const settle = (): void => {
      settled = true;
      wake();
    };
    answer.then(settle, settle);
    for (;;) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, this.#parts.heartbeatMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
        if (settled) wake();
      });
      if (settled) return answer;
      yield heartbeat;
    }
  }

  /** A store that is away for a moment ends nothing: it is asked again. */
  async #insist<Answer>(ask: () => Promise<Answer | undefined>): Promise<Answer | undefined> {
    const { signal } = this.#over;
    while (!signal.aborted) {
      try {
        return await ask();
      } catch (error) {
        if (error instanceof StateError) return undefined;
        if (!(error instanceof StoreUnavailableError)) throw error;
      }
      await sleep(restMs, undefined, { signal }).catch(() => {});
    }
    return undefined;
  }
}

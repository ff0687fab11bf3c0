import { JobFollower, type LiveEvents } from './job-follower.ts';
import type { JobLooks } from './job-looks.ts';
import type { EventsOptions, Store } from './store.ts';
import type { StoreEvent } from './store-event.ts';
import type { UploadProgressed } from './upload-progress.ts';

/** From where to follow, and until when. */
export interface FollowOptions {
  /** The id of an event: what came after it is told first. @default what happens from now on */
  readonly after?: string;
  /** Ends the iteration, which does not throw for it. */
  readonly signal?: AbortSignal;
}

/** To be told how far the uploads of a job are as well. */
export interface FollowProgressOptions extends FollowOptions {
  readonly progress: true;
}

/** What following needs to know. */
export interface FollowParts extends FollowOptions {
  readonly store: Store;
  /** Shared by all who follow a job of this store. */
  readonly looks: JobLooks;
  /** How often the state of a job is read although no event asks for it. */
  readonly pollMs: number;
  /** Tells of progress as well. */
  readonly progress?: boolean;
}

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
export function followJob(jobId: string, parts: FollowParts): AsyncIterable<StoreEvent | UploadProgressed> {
  const from = (after: string): LiveEvents => subscribe({ ...parts, jobId, after });
  const live = subscribe({ ...parts, jobId });
  const begunAt = performance.now();
  return (async function* () {
    const leave = parts.looks.follow(jobId);
    const follower = new JobFollower(jobId, { ...parts, begunAt, subscribe: from }, live);
    try {
      yield* follower.follow();
    } finally {
      leave();
      follower.end();
    }
  })();
}

/** Not put off until the first event is asked for: "from now on" begins with the call. */
function subscribe({ store, after, signal, jobId }: FollowParts & Pick<EventsOptions, 'jobId'>): LiveEvents {
  const enough = new AbortController();
  const either = signal === undefined ? enough.signal : AbortSignal.any([signal, enough.signal]);
  const events = store.events({
    signal: either,
    ...(after === undefined ? {} : { after }),
    ...(jobId === undefined ? {} : { jobId }),
  });
  return { events, signal: either, end: () => enough.abort() };
}

import type { Buffer } from 'node:buffer';

import type { JobSummary } from '@imgferry/core';
import type { EndpointCall } from './endpoint.ts';
import { gapHead, snapshotFrame } from './event-frames.ts';
import { type EventPlace, isAtTheEnd, readPlace } from './event-place.ts';
import { EventStream } from './event-stream.ts';
import { FollowedJob, subscribe } from './followed-job.ts';
import type { HttpAnswer } from './http-exchange.ts';
import { noSuchJob } from './job-endpoint.ts';

/** Nothing on the way may hold events back to compress or to gather them: `no-transform` (RFC 9111, 5.2.2.6), and nginx. */
const headers = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
};

/** What keeps an EventSource from coming back (WHATWG HTML, 9.2.3). */
const ended: HttpAnswer = { status: 204, headers: {} };

/**
 * `GET /v1/images/upload/:jobId/events`: what happens to a job, as it happens, as server-sent events. Begins with how
 * the job is, or goes on where the client was; ends with `job:finished`.
 */
export async function eventsEndpoint(call: EndpointCall): Promise<HttpAnswer> {
  const place = readPlace(call.request);
  const job = await call.uploader.job(call.jobId);
  if (job === undefined) throw noSuchJob();
  if (isAtTheEnd(place, job)) return ended;
  if (call.request.method === 'HEAD') return { status: 200, headers, body: nothing() };
  const leave = call.streams.take(clientOf(call));
  try {
    const body = await open(call, job, place, leave);
    if (body !== undefined) return { status: 200, headers, body };
  } catch (error) {
    leave();
    throw error;
  }
  leave();
  return ended;
}

/** Whose streams are counted together; `undefined` where nobody says. */
function clientOf({ request, options }: EndpointCall): string | undefined {
  const { remoteAddress } = request;
  return options.clientOf?.(request.toRequest(), { remoteAddress });
}

/** `undefined`: the client has heard everything, or has left. */
async function open(
  call: EndpointCall,
  job: JobSummary,
  place: EventPlace | undefined,
  onEnd: () => void,
): Promise<EventStream | undefined> {
  const opened =
    place?.after === undefined ? await begin(call, job, place) : await goOn(call, job, place.after);
  if (opened === undefined) return undefined;
  const { uploader, streams, options, jobId } = call;
  return new EventStream({
    ...opened,
    heartbeatMs: options.eventHeartbeatMs,
    job: () => uploader.job(jobId),
    gapData: () => streams.gapData(uploader, jobId),
    onEnd,
  });
}

interface Opened {
  readonly followed: FollowedJob;
  readonly opening: readonly Buffer[];
}

/** With how the job is. A client that has heard an end which is none any more has missed what came of it. */
async function begin(
  { uploader, streams, jobId }: EndpointCall,
  before: JobSummary,
  place: EventPlace | undefined,
): Promise<Opened> {
  const subscribed = await subscribe(uploader, before);
  if (subscribed === undefined) throw noSuchJob();
  const { followed, job } = subscribed;
  if (place === undefined) return { followed, opening: [snapshotFrame(job)] };
  return closingOnError(followed, async () => {
    const data = await streams.gapData(uploader, jobId);
    if (data === undefined) throw noSuchJob();
    return { followed, opening: [gapHead(undefined), data] };
  });
}

/**
 * After an event. Of a complete job it has to be known first whether anything is left to tell: that may take the store a
 * while, and goes on for nobody who has left.
 */
function goOn(
  { uploader, request }: EndpointCall,
  job: JobSummary,
  after: string,
): Promise<Opened | undefined> {
  const followed = new FollowedJob(uploader, job.id, after);
  return closingOnError(followed, async () => {
    if (job.status !== 'complete') return { followed, opening: [] };
    const isAtItsEnd = await whileThere(request.signal, followed, () => followed.isAtItsEnd());
    if (!isAtItsEnd) return { followed, opening: [] };
    followed.close();
    return undefined;
  });
}

/** Ends what is followed when the client leaves meanwhile. */
async function whileThere<Answer>(
  client: AbortSignal,
  followed: FollowedJob,
  work: () => Promise<Answer>,
): Promise<Answer> {
  const close = (): void => followed.close();
  client.addEventListener('abort', close);
  if (client.aborted) close();
  try {
    return await work();
  } finally {
    client.removeEventListener('abort', close);
  }
}

async function closingOnError<Answer>(followed: FollowedJob, work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    followed.close();
    throw error;
  }
}

/** A body that has to be measured is none; this one says that its length is not known. */
async function* nothing(): AsyncGenerator<string, void, undefined> {}

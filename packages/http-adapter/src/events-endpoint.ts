import type { Buffer } from 'node:buffer';

import { type JobSummary, redactError } from '@imgferry/core';
import type { EndpointCall } from './endpoint.ts';
import { retryFrame, snapshotFrame } from './event-frames.ts';
import { type EventPlace, isAtTheEnd, readPlace } from './event-place.ts';
import { EventStream } from './event-stream.ts';
import type { TellableJob } from './event-streams.ts';
import { FollowedJob, type Subscribed, subscribe } from './followed-job.ts';
import type { HttpAnswer } from './http-exchange.ts';
import { noSuchJob } from './job-endpoint.ts';
import { problemOf } from './problem.ts';

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
  try {
    return await answer(call, place);
  } catch (error) {
    if (place === undefined || problemOf(error).kind !== 'unavailable') throw error;
    const { logger } = call.options;
    logger.warn({ err: redactError(error), jobId: call.jobId }, 'who follows a job was told to come back');
    return { status: 200, headers, body: comeBack() };
  }
}

async function answer(call: EndpointCall, place: EventPlace | undefined): Promise<HttpAnswer> {
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
  const { uploader, options, jobId } = call;
  return new EventStream({
    ...opened,
    heartbeatMs: options.eventHeartbeatMs,
    job: () => uploader.job(jobId),
    afterGap: () => afterGap(call),
    onEnd,
  });
}

interface Opened {
  readonly followed: FollowedJob;
  readonly opening: readonly Buffer[];
}

/** With how the job is. A client that has heard an end which is none any more has missed what came of it. */
async function begin(call: EndpointCall, before: JobSummary, place: EventPlace | undefined): Promise<Opened> {
  const begun = place === undefined ? await fromNow(call, before) : await afterGap(call);
  if (begun === undefined) throw noSuchJob();
  return { followed: begun.followed, opening: [begun.read.frame] };
}

function fromNow(
  { uploader, jobId }: EndpointCall,
  before: JobSummary,
): Promise<Subscribed<TellableJob> | undefined> {
  return subscribe(uploader, before, async () => {
    const job = await uploader.job(jobId);
    return job && { job, frame: snapshotFrame(job) };
  });
}

/** What is left of the history behind a gap is in the job as it is told there, so it begins anew from now as well. */
async function afterGap({
  uploader,
  streams,
  jobId,
}: EndpointCall): Promise<Subscribed<TellableJob> | undefined> {
  const before = await streams.job(uploader, jobId);
  return before && subscribe(uploader, before, () => streams.gap(uploader, jobId));
}

/**
 * After an event. Of a complete job it has to be known first whether anything is left to tell: that may take the store a
 * while, and goes on for nobody who has left.
 */
async function goOn(
  { uploader, request }: EndpointCall,
  job: JobSummary,
  after: string,
): Promise<Opened | undefined> {
  const followed = new FollowedJob(uploader, job.id, after);
  try {
    if (job.status !== 'complete') return { followed, opening: [] };
    const isAtItsEnd = await whileThere(request.signal, followed, () => followed.isAtItsEnd());
    if (!isAtItsEnd) return { followed, opening: [] };
  } catch (error) {
    followed.close();
    throw error;
  }
  followed.close();
  return undefined;
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

/** An EventSource gives up for good at a 503; at a stream that ends it comes back, with the id it has. */
async function* comeBack(): AsyncGenerator<Buffer, void, undefined> {
  yield retryFrame();
}

/** A body that has to be measured is none; this one says that its length is not known. */
async function* nothing(): AsyncGenerator<string, void, undefined> {}

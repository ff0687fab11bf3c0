import type { Stats } from '@imgferry/core';
import type { EndpointCall } from './endpoint.ts';
import type { HttpAnswer } from './http-exchange.ts';
import { jsonAnswer } from './json-answer.ts';

/** The queue as operators see it: what waits, for how long, and what of it is paused. */
export type QueueView = Pick<
  Stats['queue'],
  'waiting' | 'claimed' | 'delayed' | 'oldestMs' | 'liveJobs' | 'paused' | 'pausedHosts'
>;

/** `GET /v1/queue`. */
export async function queueEndpoint({ uploader }: EndpointCall): Promise<HttpAnswer> {
  const { waiting, claimed, delayed, oldestMs, liveJobs, paused, pausedHosts } = (await uploader.stats())
    .queue;
  const view: QueueView = { waiting, claimed, delayed, oldestMs, liveJobs, paused, pausedHosts };
  return jsonAnswer(200, JSON.stringify(view));
}

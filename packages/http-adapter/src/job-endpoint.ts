import type { EndpointCall } from './endpoint.ts';
import type { HttpAnswer } from './http-exchange.ts';
import { readJobWithView, writeJobView } from './job-view.ts';
import { jsonAnswer } from './json-answer.ts';
import { Problem } from './problem.ts';

/** `GET /v1/images/upload/:jobId`: how far a job is. */
export async function jobEndpoint({ uploader, jobId }: EndpointCall): Promise<HttpAnswer> {
  const read = await readJobWithView(uploader, jobId);
  if (read === undefined) throw noSuchJob();
  return jsonAnswer(200, writeJobView(read.view));
}

/** `DELETE /v1/images/upload/:jobId`: cancels a job, and shows it. Cancelling twice is cancelling once. */
export async function cancelEndpoint(call: EndpointCall): Promise<HttpAnswer> {
  if ((await call.uploader.cancel(call.jobId)) === undefined) throw noSuchJob();
  return jobEndpoint(call);
}

/** The problem of an id that no job has, or none any more. */
export function noSuchJob(): Problem {
  return new Problem('notFound', 'there is no such job');
}

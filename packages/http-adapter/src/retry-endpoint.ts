import { acceptedAnswer } from './accepted-answer.ts';
import type { EndpointCall } from './endpoint.ts';
import type { HttpAnswer } from './http-exchange.ts';
import { noSuchJob } from './job-endpoint.ts';
import { readOptionalJsonBody } from './json-body.ts';
import { retryBody } from './retry-body.ts';

/** `POST /v1/images/upload/:jobId/retry`: runs failed uploads of a job once more, all of them or those that the body selects. */
export async function retryEndpoint({
  request,
  jobId,
  uploader,
  options,
}: EndpointCall): Promise<HttpAnswer> {
  const which = await readOptionalJsonBody(request, retryBody, options);
  if ((await uploader.retry(jobId, which)) === undefined) throw noSuchJob();
  return acceptedAnswer(jobId, options);
}

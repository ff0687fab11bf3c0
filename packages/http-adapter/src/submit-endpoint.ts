import { acceptedAnswer } from './accepted-answer.ts';
import type { EndpointCall } from './endpoint.ts';
import type { HttpAnswer } from './http-exchange.ts';
import { readIdempotencyKey } from './idempotency-key.ts';
import { readJsonBody } from './json-body.ts';
import { submitBody } from './submit-body.ts';

/** `POST /v1/images/upload`: takes a job in. The job can be read before the answer leaves. */
export async function submitEndpoint({ request, uploader, options }: EndpointCall): Promise<HttpAnswer> {
  const idempotencyKey = readIdempotencyKey(request.header('idempotency-key'));
  const { urls } = await readJsonBody(request, submitBody, options);
  const { jobId } = await uploader.submit(urls, idempotencyKey === undefined ? {} : { idempotencyKey });
  return acceptedAnswer(jobId, options);
}

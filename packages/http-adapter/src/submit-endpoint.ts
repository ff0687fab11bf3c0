import { requireJson } from './content-type.ts';
import type { EndpointCall } from './endpoint.ts';
import type { HttpAnswer } from './http-exchange.ts';
import { readIdempotencyKey } from './idempotency-key.ts';
import { jsonAnswer } from './json-answer.ts';
import { readBody } from './request-body.ts';
import { parseSubmitBody } from './submit-body.ts';

/** `POST /v1/images/upload`: takes a job in. The job can be read before the answer leaves. */
export async function submitEndpoint({ request, uploader, options }: EndpointCall): Promise<HttpAnswer> {
  requireJson(request);
  const idempotencyKey = readIdempotencyKey(request.header('idempotency-key'));
  const { urls } = parseSubmitBody(await readBody(request, options));
  const { jobId } = await uploader.submit(urls, idempotencyKey === undefined ? {} : { idempotencyKey });
  const location = `${options.basePath}/v1/images/upload/${jobId}`;
  return jsonAnswer(202, JSON.stringify({ jobId }), { location });
}

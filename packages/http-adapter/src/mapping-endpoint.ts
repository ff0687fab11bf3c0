import { preferredType } from './accept.ts';
import type { EndpointCall } from './endpoint.ts';
import type { HttpAnswer } from './http-exchange.ts';
import { mappingAnswer, mappingTypes } from './mapping-answer.ts';
import { readStatus } from './uploads-endpoint.ts';

/** `GET /v1/images/upload/:jobId/mapping`: what became of every URL of a job, as JSON or as CSV. */
export async function mappingEndpoint(call: EndpointCall): Promise<HttpAnswer> {
  const type = preferredType(call.request, mappingTypes);
  return mappingAnswer(call, type, readStatus(new URLSearchParams(call.request.query)));
}

import type { EndpointCall } from './endpoint.ts';
import type { HttpAnswer } from './http-exchange.ts';
import { jsonAnswer } from './json-answer.ts';

/** `GET /healthz`: this process answers. */
export async function aliveEndpoint(): Promise<HttpAnswer> {
  return jsonAnswer(200, '{"status":"alive"}');
}

/** `GET /readyz`: the store was read just now. */
export async function readyEndpoint({ uploader }: EndpointCall): Promise<HttpAnswer> {
  await uploader.jobs({ limit: 1 });
  return jsonAnswer(200, '{"status":"ready"}');
}

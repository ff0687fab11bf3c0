import type { HttpAnswer } from './http-exchange.ts';
import { jsonAnswer } from './json-answer.ts';
import type { ResolvedOptions } from './options.ts';

/** The answer to what a job will do from now on: 202, its id and nothing else, and where it is. */
export function acceptedAnswer(jobId: string, { basePath }: ResolvedOptions): HttpAnswer {
  const location = `${basePath}/v1/images/upload/${jobId}`;
  return jsonAnswer(202, JSON.stringify({ jobId }), { location });
}

import { type UploadStatus, writeMappingCsv } from '@imgferry/core';
import { variesByType } from './accept.ts';
import { csvAnswer } from './csv-answer.ts';
import type { EndpointCall } from './endpoint.ts';
import type { HttpAnswer } from './http-exchange.ts';
import { noSuchJob } from './job-endpoint.ts';
import { jsonAnswer } from './json-answer.ts';
import { slicesOf, writeArray } from './json-stream.ts';

/** The types that a mapping comes in. */
export const mappingTypes = ['application/json', 'text/csv'] as const;

/**
 * Answers the mapping of a whole job, or of its uploads of one status. The first page is read before anything is
 * answered: a store that is away is an error, not half an answer.
 */
export async function mappingAnswer(
  { jobId, uploader }: EndpointCall,
  type: (typeof mappingTypes)[number],
  status: UploadStatus | undefined,
): Promise<HttpAnswer> {
  const mapping = await uploader.mapping(jobId, status === undefined ? {} : { status });
  if (mapping === undefined) throw noSuchJob();
  if (type === 'text/csv') return csvAnswer(jobId, writeMappingCsv(mapping));
  return jsonAnswer(200, writeArray(slicesOf(mapping), '{"mapping":', '}'), variesByType);
}

import * as v from 'valibot';

import {
  type FailureCode,
  mappingEntry,
  type Upload,
  type UploadStatus,
  writeMappingCsv,
} from '@imgferry/core';
import { preferredType, variesByType } from './accept.ts';
import { csvAnswer } from './csv-answer.ts';
import type { EndpointCall } from './endpoint.ts';
import type { HttpAnswer } from './http-exchange.ts';
import { noSuchJob } from './job-endpoint.ts';
import { isoTime } from './job-view.ts';
import { jsonAnswer } from './json-answer.ts';
import { mappingAnswer, mappingTypes } from './mapping-answer.ts';
import { linkToNext, readOnce, readPageQuery } from './page-query.ts';
import { Problem } from './problem.ts';

const statuses = ['waiting', 'claimed', 'complete', 'failed'] as const satisfies UploadStatus[];

/** How far an upload is, in a query and in its view. */
export const uploadStatusSchema: v.GenericSchema<UploadStatus> = v.picklist(statuses);

/** An upload as the endpoints show it. */
export interface UploadView extends Omit<Upload, 'jobId' | 'failure' | 'startedAt' | 'finishedAt'> {
  readonly failure: { readonly code: FailureCode; readonly message: string } | null;
  readonly started: string | null;
  readonly finished: string | null;
}

/**
 * `GET /v1/images/upload/:jobId/uploads`: every upload of a job with all that is known of it, a page at a time. As CSV
 * it is the mapping: all of it, or with `limit` or `cursor` a page.
 */
export async function uploadsEndpoint(call: EndpointCall): Promise<HttpAnswer> {
  const query = new URLSearchParams(call.request.query);
  const status = readStatus(query);
  const type = preferredType(call.request, mappingTypes);
  if (type === 'text/csv' && !query.has('limit') && !query.has('cursor'))
    return mappingAnswer(call, type, status);
  const page = await call.uploader.uploads(call.jobId, {
    ...readPageQuery(query),
    ...(status === undefined ? {} : { status }),
  });
  if (page === undefined) throw noSuchJob();
  const next = linkToNext(call.request.path, query, page.next);
  if (type === 'text/csv') return csvAnswer(call.jobId, writeMappingCsv(page.items.map(mappingEntry)), next);
  return jsonAnswer(200, JSON.stringify({ uploads: page.items.map(viewOf) }), { ...next, ...variesByType });
}

/** Reads `status`, which may be there once. */
export function readStatus(query: URLSearchParams): UploadStatus | undefined {
  const text = readOnce(query, 'status');
  if (text === undefined || v.is(uploadStatusSchema, text)) return text;
  throw Problem.at('badRequest', { parameter: 'status' }, `must be one of ${statuses.join(', ')}`);
}

function viewOf(upload: Upload): UploadView {
  const { jobId: _, failure, startedAt, finishedAt, ...facts } = upload;
  return {
    ...facts,
    failure: failure === null ? null : { code: failure.code, message: failure.message },
    started: startedAt === null ? null : isoTime(startedAt),
    finished: finishedAt === null ? null : isoTime(finishedAt),
  };
}

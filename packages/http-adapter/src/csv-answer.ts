import { variesByType } from './accept.ts';
import type { HttpAnswer } from './http-exchange.ts';

/** An answer of CSV (RFC 4180, with the parameters of RFC 7111 and its registration), to be kept as a file named after the job. */
export function csvAnswer(
  jobId: string,
  body: AsyncIterable<string>,
  headers: Readonly<Record<string, string>> = {},
): HttpAnswer {
  return {
    status: 200,
    headers: {
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': `attachment; filename="${jobId}.csv"`,
      ...variesByType,
      ...headers,
    },
    body,
  };
}

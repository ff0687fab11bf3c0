import type { FailureCode, RecentFailure } from '@imgferry/core';
import type { Connection } from './connection.ts';
import { pageLimit } from './cursor.ts';

/** How many failures one step looks at, so that none holds up the others. */
const FAILURES_A_STEP = 100;

type FailureAnswer = readonly [
  jobId: string,
  index: number,
  url: string,
  host: string,
  code: FailureCode,
  message: string,
  at: number,
];
type RecentAnswer = readonly [next: number, failures: readonly FailureAnswer[]];

/** The uploads that failed last, newest first. What fails meanwhile is not among them. */
export async function readFailures(
  connection: Connection,
  options: { readonly limit?: number },
): Promise<readonly RecentFailure[]> {
  const limit = pageLimit(options);
  const found: RecentFailure[] = [];
  let before: string | number = '';
  while (found.length < limit && before !== -1) {
    const [next, failures] = (await connection.run('recent', [before, FAILURES_A_STEP])) as RecentAnswer;
    for (const [jobId, index, url, host, code, message, at] of failures)
      found.push({ jobId, index, url, host, failure: { code, message }, at });
    before = next;
  }
  return found.slice(0, limit);
}

import type { Lease } from './lease.ts';
import { redactError } from './redact-error.ts';
import { redactUrl, withoutSecretsOf } from './redact-url.ts';

/** What a log is told of an error that befell an upload: the error without secrets, and which upload it was. */
export function faultFacts({ jobId, index, url }: Lease, error: unknown): object {
  const err = redactError(error, (text) => withoutSecretsOf(url, text));
  return { err, jobId, index, url: redactUrl(url) };
}

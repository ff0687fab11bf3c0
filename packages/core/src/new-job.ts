import { createHash, randomUUID } from 'node:crypto';

import type { JobOptions, NewJob } from './job.ts';
import type { ResolvedOptions } from './options.ts';
import type { SubmitOptions } from './submit-options.ts';

/** Makes a job of a submit that was checked, under an id of its own. */
export function newJob(
  urls: readonly string[],
  { idempotencyKey, metadata, ...options }: SubmitOptions,
  { host, maxWaiting, idempotencyTtlMs }: ResolvedOptions,
): NewJob {
  const idempotency = (key: string): NewJob['idempotency'] & {} => ({
    key,
    fingerprint: fingerprint(urls, options),
    ttlMs: idempotencyTtlMs,
  });
  return {
    id: randomUUID(),
    urls,
    host: host.name,
    options,
    maxWaiting,
    ...(metadata === undefined ? {} : { metadata }),
    ...(idempotencyKey === undefined ? {} : { idempotency: idempotency(idempotencyKey) }),
  };
}

/** Of everything that changes what is done. Metadata do not. */
function fingerprint(urls: readonly string[], options: JobOptions): string {
  const isPlain = Object.keys(options).length === 0;
  return createHash('sha256')
    .update(JSON.stringify(isPlain ? urls : [urls, options]))
    .digest('base64url');
}

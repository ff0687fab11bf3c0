import type { SettleRequest } from '@imgferry/core';
import { encodeSettles } from '../src/encode-settles.ts';

/** A request of `settle` with everything in it, which may be wrong. */
export interface SentSettle {
  readonly job?: unknown;
  readonly index?: unknown;
  readonly token?: unknown;
  readonly posts?: unknown;
  readonly outcome?: unknown;
}

/** Requests as `settle` is sent them. */
export function sentSettles(sent: readonly SentSettle[]): string {
  const requests = sent.map(({ job, index, token, posts, outcome = {} }) => {
    return { lease: { jobId: job, index, token }, posts, outcome };
  });
  return encodeSettles(requests as unknown as readonly SettleRequest[]);
}

import { attemptDelayMs } from './backoff.ts';
import { StoreUnavailableError } from './errors.ts';
import type { Failure } from './failure.ts';
import type { Lease } from './lease.ts';
import type { ResolvedOptions } from './options.ts';
import { isReading } from './recordable.ts';
import type { TransferError } from './transfer-error.ts';

/** What is done about an attempt that failed. */
export type Verdict =
  | { readonly status: 'failed'; readonly failure: Failure }
  /** Not now: give the lease back. */
  | {
      readonly status: 'again';
      readonly delayMs: number;
      readonly countAttempt: boolean;
      readonly failure: Failure;
    };

/** What the judgement rests on, beside the error. */
export interface FailedAttempt {
  readonly lease: Lease;
  readonly options: ResolvedOptions;
  /** It was the store that said the host allows nothing, so the store will also say when it does. */
  readonly refused: boolean;
}

/** Fails the upload, or says when it is tried again and whether this attempt counts. */
export function judgeFailure(error: TransferError, attempt: FailedAttempt): Verdict {
  const { lease, options } = attempt;
  const failure = error.toFailure();
  const askedMs = Math.min(error.retryAfterMs || 0, options.maxRetryAfterMs);
  if (error.retry === 'wait') {
    const delayMs = Math.max(askedMs, hostPauseMs(error, attempt));
    return { status: 'again', delayMs, countAttempt: false, failure };
  }
  if (error.retry === 'never' || error.retry === 'once' || lease.attempt >= options.maxAttempts)
    return { status: 'failed', failure };
  const delayMs = Math.max(askedMs, attemptDelayMs(lease.attempt, options));
  return { status: 'again', delayMs, countAttempt: true, failure };
}

/**
 * Where the budget knows of the pause it holds the uploads back; else the host must not be asked again at once. A
 * store that was away has come back by the time it is told of this, so there is little left to wait for.
 */
function hostPauseMs({ reading, cause }: TransferError, { options, refused }: FailedAttempt): number {
  if (cause instanceof StoreUnavailableError) return options.retryDelayMs;
  const told =
    isReading(reading) && reading.buckets.some(({ remaining, resetInMs }) => remaining <= 0 && resetInMs > 0);
  const held = options.host.budget !== undefined && (refused || told);
  return held ? 0 : options.attemptDelayMs;
}

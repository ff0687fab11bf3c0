import { attemptDelayMs } from './backoff.ts';
import { StoreUnavailableError } from './errors.ts';
import type { Failure } from './failure.ts';
import type { Lease } from './lease.ts';
import { longestTimerMs, type ResolvedOptions } from './options.ts';
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
  /** What went wrong before, in the same attempt, and was tried again. */
  readonly earlier?: TransferError | undefined;
}

/** Fails the upload, or says when it is tried again and whether this attempt counts. */
export function judgeFailure(error: TransferError, attempt: FailedAttempt): Verdict {
  const { lease, options } = attempt;
  const judged = judgedOf(error, attempt);
  const failure = judged.toFailure();
  const mostMs = error.code === 'source_busy' ? longestTimerMs : options.maxRetryAfterMs;
  const askedMs = Math.min(error.retryAfterMs || 0, mostMs);
  if (judged.retry === 'wait' || judged.retry === 'again') {
    const delayMs = Math.max(askedMs, pauseMs(judged, attempt));
    return { status: 'again', delayMs, countAttempt: false, failure };
  }
  const isFinal = judged.retry === 'never' || (judged.retry === 'once' && judged === error);
  if (isFinal || lease.runAttempt >= options.maxAttempts) return { status: 'failed', failure };
  const delayMs = Math.max(askedMs, attemptDelayMs(lease.runAttempt, options));
  return { status: 'again', delayMs, countAttempt: true, failure };
}

/**
 * A source that had no turn for a retry says nothing of what went wrong before. That is what counts, or an upload that
 * always fails and never gets its retry would not end.
 */
function judgedOf(error: TransferError, { earlier }: FailedAttempt): TransferError {
  return error.code === 'source_busy' ? (earlier ?? error) : error;
}

/** How long what waits does so at least. A source that says for how long it is busy is taken at its word. */
function pauseMs(error: TransferError, attempt: FailedAttempt): number {
  if (error.code !== 'source_busy') return hostPauseMs(error, attempt);
  return error.retryAfterMs === undefined ? attempt.options.retryDelayMs : 0;
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

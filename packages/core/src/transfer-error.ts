import type { BudgetReading } from './budget.ts';
import { ImgferryError } from './errors.ts';
import { type Failure, type FailureCode, failureCodes, type RetryRule } from './failure.ts';
import { foreignText } from './foreign-text.ts';
import { redactText, withoutAddresses } from './redact-text.ts';

/** The facts a {@link TransferError} may carry beside its code and message. */
export interface TransferErrorFacts {
  /** What the other side asked for (Retry-After and the like), in milliseconds from now. */
  readonly retryAfterMs?: number;
  /** What is done about it, where the reply says otherwise than the table of {@link failureCodes}. */
  readonly retry?: RetryRule;
  /** What the reply told about the host's limits. Also blocks: a bucket that is empty until a time. */
  readonly reading?: BudgetReading;
  /** The request had been sent, so the host may have kept the image. */
  readonly possiblyStored?: boolean;
  /** No request left for the host, so nothing is charged to its limits. */
  readonly notSent?: boolean;
  /** The error underneath. It stays in this process and is never kept with a job. */
  readonly cause?: unknown;
}

/** A sentence of ours around a stranger's words. */
const mostKept = 300;

/**
 * Thrown by a {@link Source} or a {@link Host} when an image can not be had or taken.
 * Anything else they throw is a fault of theirs and is recorded as `internal_error`.
 *
 * Whoever may read the job reads the message: it must hold no secret. The queries of URLs, and addresses, are taken out of it.
 */
export class TransferError extends ImgferryError<FailureCode> {
  override name = 'TransferError' as const;
  readonly retry: RetryRule;
  readonly retryAfterMs: number | undefined;
  readonly reading: BudgetReading | undefined;
  readonly possiblyStored: boolean;
  readonly notSent: boolean;

  constructor(code: FailureCode, message: string, facts: TransferErrorFacts = {}) {
    super(code, message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.retry = facts.retry ?? failureCodes[code].retry;
    this.retryAfterMs = facts.retryAfterMs;
    this.reading = facts.reading;
    this.possiblyStored = facts.possiblyStored ?? false;
    this.notSent = facts.notSent ?? false;
  }

  /** What is kept of it. Many read it, so no query of a URL and no address stays in it, whoever wrote the message. */
  toFailure(): Failure {
    return { code: this.code, message: foreignText(withoutAddresses(redactText(this.message)), mostKept) };
  }
}

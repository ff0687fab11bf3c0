import { redactText } from './redact-text.ts';

/**
 * The base of everything this library throws on purpose. `code` is stable across releases; messages are for people.
 * Answers a caller must expect (a lease that was lost, a job that is unknown) are return values, not errors.
 * Mistakes of the library itself are plain `Error`s and not among these.
 */
export abstract class ImgferryError<Code extends string = string> extends Error {
  readonly code: Code;

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** An option that can not work, refused where it was given. */
export class InvalidOptionError extends ImgferryError<'invalid_option'> {
  override name = 'InvalidOptionError' as const;
  readonly option: string;

  /** @param fact What it is and what it must be, as in `is 0; it must be a whole number from 1`. */
  constructor(option: string, fact: string) {
    super('invalid_option', redactText(`${option} ${fact}`));
    this.option = option;
  }
}

/** Why one URL of a submit was refused, by its place in the list that was handed in. */
export interface UrlProblem {
  readonly index: number;
  readonly reason: string;
}

/** A submit that was refused as a whole, because of its URLs. Nothing of it was accepted. */
export class InvalidUrlsError extends ImgferryError<'invalid_urls'> {
  override name = 'InvalidUrlsError' as const;
  /** The refused URLs, at most 100 of them; empty when the list itself is wrong (empty, too long). */
  readonly problems: readonly UrlProblem[];

  constructor(message: string, problems: readonly UrlProblem[] = []) {
    super('invalid_urls', message);
    this.problems = problems;
  }
}

/** The idempotency key was used before, for other URLs, or with another title, description or album. */
export class IdempotencyConflictError extends ImgferryError<'idempotency_conflict'> {
  override name = 'IdempotencyConflictError' as const;

  constructor() {
    super('idempotency_conflict', 'this idempotency key was used before for another submit');
  }
}

/** So many uploads are waiting that no more are accepted for now. Nothing of the submit, or of the retry, was accepted. */
export class QueueFullError extends ImgferryError<'queue_full'> {
  override name = 'QueueFullError' as const;
  /** `undefined` when no waiting helps: a retry of more uploads than may ever wait. Of them fewer can be retried. */
  readonly retryAfterMs: number | undefined;

  constructor(retryAfterMs: number | undefined, asked: 'submit' | 'retry' = 'submit') {
    super(
      'queue_full',
      retryAfterMs === undefined
        ? 'more uploads are to run again than may ever wait; retry fewer at once, by urls or codes'
        : `too many uploads are waiting; ${asked} again later`,
    );
    this.retryAfterMs = retryAfterMs;
  }
}

/** The store can not be reached or can not write. Thrown by stores; whether the step was taken is not known. */
export class StoreUnavailableError extends ImgferryError<'store_unavailable'> {
  override name = 'StoreUnavailableError' as const;
  readonly retryAfterMs: number;

  constructor(message: string, options: { retryAfterMs?: number; cause?: unknown } = {}) {
    super('store_unavailable', message, options.cause === undefined ? undefined : { cause: options.cause });
    this.retryAfterMs = options.retryAfterMs ?? 2_000;
  }
}

/** A method was called in a state in which it can not work, for example `submit` after `close`. */
export class StateError extends ImgferryError<'wrong_state'> {
  override name = 'StateError' as const;

  constructor(message: string) {
    super('wrong_state', message);
  }
}

/** A cursor that this store did not give out. */
export class InvalidCursorError extends ImgferryError<'invalid_cursor'> {
  override name = 'InvalidCursorError' as const;

  constructor() {
    super('invalid_cursor', 'the cursor is not one that was given out here');
  }
}

/**
 * The store no longer knows any of the jobs that this worker was working on: it was emptied, or replaced by another.
 * Told once as an `error` event; the worker drops what it held and goes on with what is submitted from then on.
 */
export class StoreResetError extends ImgferryError<'store_reset'> {
  override name = 'StoreResetError' as const;

  constructor() {
    super('store_reset', 'the store was emptied or replaced: it knows none of the jobs that were worked on');
  }
}

/**
 * This process did nothing for longer than a lease lasts: its event loop was blocked, or the process was frozen. Told as
 * an `error` event; other workers may have taken up what it held.
 */
export class LoopLagError extends ImgferryError<'loop_lag'> {
  override name = 'LoopLagError' as const;
  readonly lateMs: number;

  constructor(lateMs: number, leaseMs: number) {
    super(
      'loop_lag',
      `a heartbeat came ${lateMs} ms late, and a lease lasts ${leaseMs} ms: the event loop was blocked or the process frozen`,
    );
    this.lateMs = lateMs;
  }
}

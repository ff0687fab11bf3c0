import { setTimeout as sleep } from 'node:timers/promises';

import pRetry, { type RetryContext } from 'p-retry';

import { attemptDelayMs } from './backoff.ts';
import type { BudgetReading, BudgetScope } from './budget.ts';
import { StoreUnavailableError } from './errors.ts';
import type { Failure } from './failure.ts';
import type { HostUpload } from './host.ts';
import type { CompleteOutcome, FailedOutcome, ImageFacts } from './job.ts';
import type { Lease } from './lease.ts';
import type { ResolvedOptions } from './options.ts';
import { limitProgress } from './progress.ts';
import { isReading } from './recordable.ts';
import { redactError } from './redact-error.ts';
import { redactUrl, withoutSecretsOf } from './redact-url.ts';
import type { SourceImage } from './source.ts';
import { TransferError } from './transfer-error.ts';

/** How a transfer ended. */
export type TransferResult = TransferFacts &
  (
    | { readonly status: 'settled'; readonly outcome: CompleteOutcome | FailedOutcome }
    /** Not now: give the lease back. */
    | {
        readonly status: 'again';
        readonly delayMs: number;
        readonly countAttempt: boolean;
        readonly failure: Failure;
      }
    /** The signal aborted. */
    | { readonly status: 'aborted'; readonly reason: unknown }
  );

interface TransferFacts {
  /** How many POSTs went to the host. */
  readonly posts: number;
  /** A POST went out and its reply never came. */
  readonly possiblyDuplicated: boolean;
  /** What the host's replies told about its limits, in order. */
  readonly readings: readonly BudgetReading[];
}

/** What a transfer tells while it runs. */
export interface TransferWatcher {
  onProgress(sentBytes: number, totalBytes: number): void;
  onRetry(failure: Failure, delayMs: number): void;
}

/**
 * Carries one image from its source to the host: one attempt, with retries inside it for what passes in seconds.
 * Never rejects; what goes wrong is part of the result.
 */
export function transfer(
  lease: Lease,
  options: ResolvedOptions,
  watcher: TransferWatcher,
  signal: AbortSignal,
): Promise<TransferResult> {
  return new Transfer(lease, options, watcher, signal).run();
}

/** Longer waits than this are not worth a slot: the upload goes back to the queue. */
const longestWaitMs = 10_000;

class Transfer {
  readonly #lease: Lease;
  readonly #options: ResolvedOptions;
  readonly #watcher: TransferWatcher;
  readonly #signal: AbortSignal;
  readonly #readings: BudgetReading[] = [];
  /** Kept between tries when it can be sent again, so that the source is not asked twice. */
  #image: SourceImage | undefined;
  #facts: ImageFacts | undefined;
  #uploaded: HostUpload | undefined;
  #posts = 0;
  /** The whole image has left and the reply has not come. */
  #unanswered = false;
  #possiblyDuplicated = false;
  /** It was the store that said the host allows nothing, so the store will also say when it does. */
  #refused = false;

  constructor(lease: Lease, options: ResolvedOptions, watcher: TransferWatcher, signal: AbortSignal) {
    this.#lease = lease;
    this.#options = options;
    this.#watcher = watcher;
    this.#signal = signal;
  }

  async run(): Promise<TransferResult> {
    try {
      await pRetry(() => this.#try(), {
        retries: this.#options.retries,
        // p-retry spreads a delay over its single to its double.
        minTimeout: this.#options.retryDelayMs * 0.75,
        factor: 4,
        randomize: true,
        signal: this.#signal,
        shouldRetry: (context) => this.#shouldRetry(context),
      });
      return this.#complete();
    } catch (error) {
      return this.#ended(error);
    } finally {
      this.#disposeImage();
    }
  }

  /** Open, look whether the host allows it, send. */
  async #try(): Promise<void> {
    this.#refused = false;
    try {
      const image = await this.#open();
      await this.#askBudget();
      this.#uploaded = await this.#send(image);
    } catch (error) {
      throw this.#asTransferError(error);
    } finally {
      if (!Array.isArray(this.#image?.body)) this.#disposeImage();
    }
  }

  async #open(): Promise<SourceImage> {
    const { source, host } = this.#options;
    this.#image ??= await source.open(this.#lease.url, { limits: host.limits, signal: this.#signal });
    const { bytes, type } = this.#image;
    if (!isCount(bytes) || typeof type !== 'string')
      throw new Error('the source told neither size nor type of the image');
    this.#facts = { bytes, type };
    return this.#image;
  }

  /** A store that is away is no fault of the upload: it waits, as for a host that allows nothing. */
  async #askBudget(): Promise<void> {
    const { host } = this.#options;
    if (host.budget === undefined) return;
    try {
      this.#refused = !(await this.#isAllowed(host.budget));
    } catch (cause) {
      if (!(cause instanceof StoreUnavailableError)) throw cause;
      throw new TransferError('host_rate_limited', 'the store could not be asked what the host allows', {
        cause,
      });
    }
    if (this.#refused) throw new TransferError('host_rate_limited', `${host.name} allows no upload for now`);
  }

  /** The first POST is part of the claim; a block that came meanwhile holds for it too. */
  async #isAllowed(scope: BudgetScope): Promise<boolean> {
    const { budget } = this.#options.store;
    const { paused } = await budget.read(scope);
    return paused === undefined && (this.#posts === 0 || (await budget.charge(this.#lease)));
  }

  async #send(image: SourceImage): Promise<HostUpload> {
    const { host, progressMs } = this.#options;
    const report = limitProgress(image.bytes, progressMs, (sentBytes) =>
      this.#watcher.onProgress(sentBytes, image.bytes),
    );
    this.#posts += 1;
    const uploaded = await host.upload(image, {
      ...this.#lease.options,
      signal: this.#signal,
      onProgress: (sentBytes) => {
        this.#unanswered = sentBytes >= image.bytes;
        report(sentBytes);
      },
    });
    this.#take(uploaded?.reading);
    if (typeof uploaded?.link !== 'string' || uploaded.link === '')
      throw new TransferError('host_bad_reply', 'the host took the image and gave no link', {
        possiblyStored: true,
      });
    return uploaded;
  }

  /** What a source or a host throws beside TransferError is a fault of theirs, and told apart. */
  #asTransferError(error: unknown): unknown {
    if (this.#signal.aborted) return error;
    this.#unanswered = false;
    if (!(error instanceof TransferError)) return this.#internalError(error);
    if (error.notSent) this.#posts -= 1;
    if (error.possiblyStored) this.#possiblyDuplicated = true;
    if (error.cause !== undefined)
      this.#log(error.code === 'host_credentials' ? 'warn' : 'debug', error, 'a try failed');
    this.#take(error.reading);
    return error;
  }

  #take(reading: BudgetReading | undefined): void {
    if (reading === undefined) return;
    if (isReading(reading)) this.#readings.push(reading);
    else
      this.#options.logger.warn(
        { host: this.#options.host.name },
        'what a reply told of the limits is no reading; it is dropped',
      );
  }

  #internalError(cause: unknown): TransferError {
    this.#log('error', cause, 'a fault in a source or a host');
    return new TransferError(
      'internal_error',
      'a fault inside the library or an extension of it; the log has it',
      {
        cause,
      },
    );
  }

  #log(level: 'debug' | 'warn' | 'error', error: unknown, message: string): void {
    const { jobId, index, url } = this.#lease;
    const err = redactError(error, (text) => withoutSecretsOf(url, text));
    this.#options.logger[level]({ err, jobId, index, url: redactUrl(url) }, message);
  }

  async #shouldRetry({ error, attemptNumber, retryDelay }: RetryContext): Promise<boolean> {
    if (!(error instanceof TransferError)) return false;
    const again = error.retry === 'soon' || (error.retry === 'once' && attemptNumber === 1);
    const waitMs = Math.max(error.retryAfterMs ?? retryDelay, 0) || 0;
    if (!again || waitMs > longestWaitMs) return false;
    this.#watcher.onRetry(error.toFailure(), Math.max(waitMs, retryDelay));
    await sleep(Math.max(0, waitMs - retryDelay), undefined, { signal: this.#signal });
    return true;
  }

  #complete(): TransferResult {
    const { uploaded, facts } = { uploaded: this.#uploaded, facts: this.#facts };
    if (uploaded === undefined || facts === undefined) throw new Error('a transfer ended without an upload');
    const { link, deleteHash, width, height } = uploaded;
    // What is missing or wrong beside the link costs nobody the link.
    const outcome: CompleteOutcome = {
      status: 'complete',
      link,
      ...facts,
      ...(isCount(width) ? { width } : {}),
      ...(isCount(height) ? { height } : {}),
      ...(typeof deleteHash === 'string' ? { deleteHash } : {}),
      ...(this.#possiblyDuplicated ? { possiblyDuplicated: true } : {}),
    };
    return { status: 'settled', outcome, ...this.#told() };
  }

  #ended(error: unknown): TransferResult {
    // The signal may abort between the host's reply and the end of the try: the image has its link all the same.
    if (this.#uploaded !== undefined) return this.#complete();
    if (this.#signal.aborted) return this.#aborted();
    const failed = error instanceof TransferError ? error : this.#internalError(error);
    return { ...this.#judge(failed), ...this.#told() };
  }

  #aborted(): TransferResult {
    if (this.#unanswered) this.#possiblyDuplicated = true;
    return { status: 'aborted', reason: this.#signal.reason, ...this.#told() };
  }

  #judge(error: TransferError) {
    const failure = error.toFailure();
    const { maxAttempts, maxRetryAfterMs } = this.#options;
    const askedMs = Math.min(error.retryAfterMs || 0, maxRetryAfterMs);
    if (error.retry === 'wait')
      return {
        status: 'again',
        delayMs: Math.max(askedMs, this.#hostPauseMs(error)),
        countAttempt: false,
        failure,
      } as const;
    if (error.retry === 'never' || error.retry === 'once' || this.#lease.attempt >= maxAttempts)
      return { status: 'settled', outcome: this.#failed(failure) } as const;
    const delayMs = Math.max(askedMs, attemptDelayMs(this.#lease.attempt, this.#options));
    return { status: 'again', delayMs, countAttempt: true, failure } as const;
  }

  #failed(failure: Failure): FailedOutcome {
    return {
      status: 'failed',
      failure,
      ...this.#facts,
      ...(this.#possiblyDuplicated ? { possiblyDuplicated: true } : {}),
    };
  }

  /**
   * Where the budget knows of the pause it holds the uploads back; else the host must not be asked again at once. A
   * store that was away has come back by the time it is told of this, so there is little left to wait for.
   */
  #hostPauseMs({ reading, cause }: TransferError): number {
    if (cause instanceof StoreUnavailableError) return this.#options.retryDelayMs;
    const told =
      isReading(reading) &&
      reading.buckets.some(({ remaining, resetInMs }) => remaining <= 0 && resetInMs > 0);
    const held = this.#options.host.budget !== undefined && (this.#refused || told);
    return held ? 0 : this.#options.attemptDelayMs;
  }

  #told(): TransferFacts {
    return { posts: this.#posts, possiblyDuplicated: this.#possiblyDuplicated, readings: this.#readings };
  }

  #disposeImage(): void {
    this.#image?.dispose();
    this.#image = undefined;
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

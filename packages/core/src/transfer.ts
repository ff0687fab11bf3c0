import { setTimeout as sleep } from 'node:timers/promises';

import pRetry, { type RetryContext } from 'p-retry';

import { type BudgetReading, type BudgetScope, pauseHeardOfMs } from './budget.ts';
import { StoreUnavailableError } from './errors.ts';
import type { Failure } from './failure.ts';
import { faultFacts } from './fault-facts.ts';
import type { HostUpload } from './host.ts';
import type { CompleteOutcome, FailedOutcome } from './job.ts';
import { judgeFailure, type Verdict } from './judge-failure.ts';
import type { Lease } from './lease.ts';
import type { ResolvedOptions } from './options.ts';
import { limitProgress } from './progress.ts';
import type { Recollection } from './recollection.ts';
import { isReading } from './recordable.ts';
import type { SourceImage } from './source.ts';
import { TransferError } from './transfer-error.ts';
import { isCount, TransferImage } from './transfer-image.ts';

/** How a transfer ended. */
export type TransferResult = TransferFacts &
  (
    | { readonly status: 'settled'; readonly outcome: CompleteOutcome | FailedOutcome }
    | Extract<Verdict, { status: 'again' }>
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
 * Carries one image from its source to the host: one attempt, with retries inside it for what passes in seconds. With a
 * recollection it sends nothing where the same bytes have a link already.
 * Never rejects; what goes wrong is part of the result.
 */
export function transfer(
  lease: Lease,
  options: ResolvedOptions,
  watcher: TransferWatcher,
  signal: AbortSignal,
  recollection?: Recollection,
): Promise<TransferResult> {
  return new Transfer(lease, options, watcher, signal, recollection).run();
}

/** Longer waits than this are not worth a slot: the upload goes back to the queue. */
const longestWaitMs = 10_000;
/** Nor is another try when one has taken longer than this to fail: it may take as long again. */
const longestTryMs = 10_000;

class Transfer {
  readonly #lease: Lease;
  readonly #options: ResolvedOptions;
  readonly #watcher: TransferWatcher;
  readonly #signal: AbortSignal;
  readonly #recollection: Recollection | undefined;
  readonly #image: TransferImage;
  readonly #readings: BudgetReading[] = [];
  #uploaded: HostUpload | undefined;
  #posts = 0;
  /** The whole image has left and the reply has not come. */
  #unanswered = false;
  #possiblyDuplicated = false;
  #triedAt = 0;
  /** The source failed while its image was sent. */
  #cutShort: unknown;
  /** What was last tried again. */
  #earlier: TransferError | undefined;
  /** It was the store that said the host allows nothing, so the store will also say when it does. */
  #refused = false;

  constructor(
    lease: Lease,
    options: ResolvedOptions,
    watcher: TransferWatcher,
    signal: AbortSignal,
    recollection: Recollection | undefined,
  ) {
    this.#lease = lease;
    this.#options = options;
    this.#watcher = watcher;
    this.#signal = signal;
    this.#recollection = recollection;
    this.#image = new TransferImage(lease, options, signal);
  }

  /** Nearly all need one try, and what makes more of them is not set up before it has failed. */
  async run(): Promise<TransferResult> {
    try {
      this.#signal.throwIfAborted();
      await this.#try().catch((error: unknown) => this.#tryAgain(error));
      return this.#complete();
    } catch (error) {
      return this.#ended(error);
    } finally {
      this.#image.dispose();
    }
  }

  #tryAgain(first: unknown): Promise<void> {
    return pRetry((attempt) => (attempt === 1 ? Promise.reject(first) : this.#try()), {
      retries: this.#options.retries,
      // p-retry spreads a delay over its single to its double.
      minTimeout: this.#options.retryDelayMs * 0.75,
      factor: 4,
      randomize: true,
      signal: this.#signal,
      shouldRetry: (context) => this.#shouldRetry(context),
    });
  }

  /** Open, look whether its bytes have a link already, and then whether the host allows it; send. */
  async #try(): Promise<void> {
    this.#refused = false;
    this.#triedAt = performance.now();
    try {
      const image = await this.#image.open();
      if (this.#recollection !== undefined) {
        this.#uploaded = await this.#recollection.recall(image, this.#signal);
        if (this.#uploaded !== undefined) return;
      }
      if (this.#options.host.budget !== undefined) await this.#askBudget(this.#options.host.budget);
      this.#uploaded = await this.#send(image);
    } catch (error) {
      throw this.#asTransferError(error);
    } finally {
      this.#image.release();
    }
  }

  /** A store that is away is no fault of the upload: it waits, as for a host that allows nothing. */
  async #askBudget(scope: BudgetScope): Promise<void> {
    const { host, store } = this.#options;
    try {
      const { paused } = await store.budget.read(scope, { maxAgeMs: pauseHeardOfMs });
      // The first POST is part of the claim; a block that came meanwhile holds for it too.
      const isAllowed =
        paused === undefined && (this.#posts === 0 || (await store.budget.charge(this.#lease)));
      this.#refused = !isAllowed;
    } catch (cause) {
      if (!(cause instanceof StoreUnavailableError)) throw cause;
      throw new TransferError('host_rate_limited', 'the store could not be asked what the host allows', {
        cause,
      });
    }
    if (this.#refused) throw new TransferError('host_rate_limited', `${host.name} allows no upload for now`);
  }

  /** Counts what goes to the host. Only who posts can tell whether it was sent, or may be stored. */
  async #send(image: SourceImage): Promise<HostUpload> {
    this.#posts += 1;
    try {
      const uploaded = await this.#post(image);
      this.#take(uploaded?.reading);
      if (typeof uploaded?.link === 'string' && uploaded.link !== '') return uploaded;
      const fact = 'the host took the image and gave no link';
      throw new TransferError('host_bad_reply', fact, { possiblyStored: true });
    } catch (error) {
      if (!(error instanceof TransferError)) throw error;
      if (error.notSent) this.#posts -= 1;
      else if (!error.code.startsWith('host_')) this.#cutShort = error;
      if (error.possiblyStored) this.#possiblyDuplicated = true;
      throw error;
    }
  }

  #post(image: SourceImage): Promise<HostUpload> {
    const { host, progressMs } = this.#options;
    const { jobId, index, options } = this.#lease;
    const report = limitProgress(image.bytes, progressMs, (sentBytes) =>
      this.#watcher.onProgress(sentBytes, image.bytes),
    );
    return host.upload(image, {
      ...options,
      signal: this.#signal,
      key: `${jobId} ${index}`,
      onProgress: (sentBytes) => {
        this.#unanswered = sentBytes >= image.bytes;
        report(sentBytes);
      },
    });
  }

  /** What a source or a host throws beside TransferError is a fault of theirs, and told apart. */
  #asTransferError(error: unknown): unknown {
    if (this.#signal.aborted) return error;
    this.#unanswered = false;
    if (!(error instanceof TransferError)) return this.#internalError(error);
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
    this.#options.logger[level](faultFacts(this.#lease, error), message);
  }

  async #shouldRetry({ error, attemptNumber, retryDelay }: RetryContext): Promise<boolean> {
    // It has cost a POST, as each further try would.
    if (!(error instanceof TransferError) || error === this.#cutShort) return false;
    const wasQuick = performance.now() - this.#triedAt <= longestTryMs;
    const again =
      error.retry === 'again' ||
      (error.retry === 'soon' && wasQuick) ||
      (error.retry === 'once' && attemptNumber === 1);
    const waitMs = Math.max(error.retryAfterMs ?? retryDelay, 0) || 0;
    if (!again || waitMs > longestWaitMs) return false;
    this.#earlier = error;
    this.#watcher.onRetry(error.toFailure(), Math.max(waitMs, retryDelay));
    await sleep(Math.max(0, waitMs - retryDelay), undefined, { signal: this.#signal });
    return true;
  }

  #complete(): TransferResult {
    const { uploaded, facts } = { uploaded: this.#uploaded, facts: this.#image.facts };
    if (uploaded === undefined || facts === undefined) throw new Error('a transfer ended without an upload');
    const { link, deleteHash, width, height } = uploaded;
    const outcome: { -readonly [Field in keyof CompleteOutcome]: CompleteOutcome[Field] } = {
      status: 'complete',
      link,
      ...facts,
    };
    // What is missing or wrong beside the link costs nobody the link.
    if (isCount(width)) outcome.width = width;
    if (isCount(height)) outcome.height = height;
    if (typeof deleteHash === 'string') outcome.deleteHash = deleteHash;
    if (this.#possiblyDuplicated) outcome.possiblyDuplicated = true;
    if (this.#recollection !== undefined) Object.assign(outcome, this.#recollection.marks);
    return { status: 'settled', outcome, ...this.#told() };
  }

  #ended(error: unknown): TransferResult {
    // The signal may abort between the host's reply and the end of the try: the image has its link all the same.
    if (this.#uploaded !== undefined) return this.#complete();
    if (this.#signal.aborted) return this.#aborted();
    const failed = error instanceof TransferError ? error : this.#internalError(error);
    const verdict = judgeFailure(failed, {
      lease: this.#lease,
      options: this.#options,
      refused: this.#refused,
      earlier: this.#earlier,
    });
    if (verdict.status === 'again') return { ...verdict, ...this.#told() };
    // What is final does not depend on the recording of it, so whoever waits with the same bytes is told at once.
    if (failed.retry === 'never') this.#recollection?.leave({ failure: verdict.failure });
    return { status: 'settled', outcome: this.#failed(verdict.failure), ...this.#told() };
  }

  #aborted(): TransferResult {
    if (this.#unanswered) this.#possiblyDuplicated = true;
    return { status: 'aborted', reason: this.#signal.reason, ...this.#told() };
  }

  #failed(failure: Failure): FailedOutcome {
    return {
      status: 'failed',
      failure,
      ...this.#image.facts,
      ...(this.#possiblyDuplicated ? { possiblyDuplicated: true } : {}),
    };
  }

  #told(): TransferFacts {
    return { posts: this.#posts, possiblyDuplicated: this.#possiblyDuplicated, readings: this.#readings };
  }
}

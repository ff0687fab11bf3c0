import type { BudgetReading } from './budget.ts';
import type { Tell } from './event-hub.ts';
import type { UploadEvent, UploaderEventName, UploaderEvents } from './events.ts';
import type { Failure } from './failure.ts';
import { LeaseLost } from './held-leases.ts';
import type { CompleteOutcome, FailedOutcome, Outcome } from './job.ts';
import type { Lease, LostReason } from './lease.ts';
import type { ResolvedOptions } from './options.ts';
import type { Outbox } from './outbox.ts';
import type { Pace } from './pace.ts';
import type { ProgressSender } from './progress-sender.ts';
import { type Known, Recollection } from './recollection.ts';
import { redactError } from './redact-error.ts';
import type { SingleFlight } from './single-flight.ts';
import { type TransferResult, type TransferWatcher, transfer } from './transfer.ts';

/** What attending to a lease needs, the same for all of a worker's leases. */
export interface Attendance {
  readonly options: ResolvedOptions;
  readonly tell: Tell;
  readonly outbox: Outbox;
  readonly progress: ProgressSender;
  /** At which uploads leave their slots. */
  readonly pace: Pace;
  /** Of uploads that have the same bytes. */
  readonly flights: SingleFlight<Known>;
}

/**
 * What became of a lease. Of those given back `retried` had an attempt that counted, `busy` a source that had no turn
 * for it, and `released` neither.
 */
export type Attended = Outcome['status'] | 'retried' | 'released' | 'busy' | 'lost';

type Result<Status extends TransferResult['status']> = Extract<TransferResult, { status: Status }>;

type Completed = UploaderEvents['upload:completed'];

/** For how long a worker tries to delete an image at the host that somebody else's link replaced. */
const deleteTimeoutMs = 10_000;

/**
 * Sees one lease through: transfers the image, tells the store, then tells the events. Rejects only when the store can
 * not be told; the lease then runs out and the upload is taken up again.
 * @param leave Called when its outcome is known here, which the store may be told a little later.
 */
export function attendLease(
  lease: Lease,
  signal: AbortSignal,
  attendance: Attendance,
  leave: () => void,
): Promise<Attended> {
  return new LeaseAttendant(lease, signal, attendance, leave).attend();
}

class LeaseAttendant implements TransferWatcher {
  readonly #lease: Lease;
  readonly #signal: AbortSignal;
  readonly #attendance: Attendance;
  readonly #leave: () => void;
  readonly #recollection: Recollection | undefined;
  readonly #event: UploadEvent;
  readonly #startedAt = performance.now();
  /** Until `upload:started` is told. */
  #starting: NodeJS.Immediate | undefined;

  constructor(lease: Lease, signal: AbortSignal, attendance: Attendance, leave: () => void) {
    this.#lease = lease;
    this.#signal = signal;
    this.#attendance = attendance;
    this.#leave = leave;
    const { options, flights } = attendance;
    if (options.rememberImagesMs > 0) this.#recollection = new Recollection(lease, options, flights);
    const { jobId, index, url, attempt, metadata } = lease;
    const event = { jobId, index, url, attempt };
    this.#event = metadata === undefined ? event : { ...event, metadata };
  }

  /** Whoever waits with the same bytes does so until this upload is over at the latest. */
  async attend(): Promise<Attended> {
    const { options, progress } = this.#attendance;
    try {
      this.#start();
      const result = await transfer(this.#lease, options, this, this.#signal, this.#recollection);
      progress.ended(this.#lease);
      if (result.readings.some(hasEmpty)) await this.#tellBudget(result.readings);
      if (result.status === 'settled') return await this.#settle(result);
      if (result.status === 'again') return await this.#release(result);
      return await this.#aborted(result);
    } finally {
      clearImmediate(this.#starting);
      this.#recollection?.leave();
    }
  }

  onProgress(sentBytes: number, totalBytes: number): void {
    this.#tell('upload:progressed', { ...this.#event, sentBytes, totalBytes });
    this.#attendance.progress.moved({ lease: this.#lease, sentBytes, totalBytes });
  }

  onRetry(failure: Failure, delayMs: number): void {
    this.#tell('upload:retried', { ...this.#event, failure, delayMs, where: 'attempt' });
  }

  /** A source that is busy says so at once. An upload that is sent away by it has not started, and nothing is told of it. */
  #start(): void {
    this.#starting = setImmediate(() => this.#tellStarted());
  }

  #tellStarted(): void {
    if (this.#starting === undefined) return;
    clearImmediate(this.#starting);
    this.#starting = undefined;
    this.#attendance.tell('upload:started', this.#event);
  }

  /** That it started comes before all else that is told of it. */
  #tell<Name extends UploaderEventName>(name: Name, event: UploaderEvents[Name]): void {
    this.#tellStarted();
    this.#attendance.tell(name, event);
  }

  #isQuiet({ failure }: Result<'again'>): boolean {
    if (failure.code !== 'source_busy' || this.#starting === undefined) return false;
    clearImmediate(this.#starting);
    this.#starting = undefined;
    return true;
  }

  /**
   * That a bucket is empty can not wait until the outcome is on its way: other workers are about to post. A hint all
   * the same, because the reading goes with the outcome too: a store that is away must not cost the outcome.
   */
  async #tellBudget(readings: readonly BudgetReading[]): Promise<void> {
    const { options, tell } = this.#attendance;
    try {
      for (const reading of readings.filter(hasEmpty)) await options.store.budget.observe(reading);
    } catch (error) {
      tell('error', { error, during: 'telling the budget, which is told again with the outcome' });
    }
  }

  async #settle({ outcome, posts, readings }: Result<'settled'>): Promise<Attended> {
    this.#leave();
    const settlement = await this.#attendance.outbox.settle({ lease: this.#lease, outcome, posts }, readings);
    if (settlement.status === 'lost') return this.#lost(settlement.reason, outcome);
    if (outcome.status === 'complete') this.#completed(outcome);
    else this.#tellFailed(outcome);
    if (settlement.jobFinished) this.#tell('job:finished', { jobId: this.#lease.jobId, job: settlement.job });
    return outcome.status;
  }

  #completed(outcome: CompleteOutcome): void {
    this.#recollection?.leave({ link: outcome.link });
    this.#tellCompleted(outcome);
  }

  #tellCompleted({ link, bytes, type, width, height, possiblyDuplicated, reused }: CompleteOutcome): void {
    const event: { -readonly [Field in keyof Completed]: Completed[Field] } = {
      ...this.#event,
      link,
      bytes,
      type,
      possiblyDuplicated: possiblyDuplicated ?? this.#lease.possiblyDuplicated,
      reused: reused ?? false,
      durationMs: Math.round(performance.now() - this.#startedAt),
    };
    if (width !== undefined) event.width = width;
    if (height !== undefined) event.height = height;
    this.#tell('upload:completed', event);
  }

  #tellFailed({ failure }: FailedOutcome): void {
    this.#tell('upload:failed', { ...this.#event, failure });
  }

  async #release(result: Result<'again'>): Promise<Attended> {
    const { delayMs, countAttempt, failure, posts, possiblyDuplicated, readings } = result;
    const isQuiet = this.#isQuiet(result);
    await this.#attendance.outbox.release(
      { lease: this.#lease, delayMs, countAttempt, failure, posts, possiblyDuplicated },
      readings,
    );
    if (!isQuiet) this.#tell('upload:retried', { ...this.#event, failure, delayMs, where: 'queue' });
    if (countAttempt) return 'retried';
    return failure.code === 'source_busy' ? 'busy' : 'released';
  }

  /**
   * A drain hands back; so does a lease that could not be kept, which is no fault of the upload. One that is lost is
   * told of as well: how many POSTs were sent is known here and nowhere else.
   */
  async #aborted({ reason, posts, possiblyDuplicated, readings }: Result<'aborted'>): Promise<Attended> {
    await this.#attendance.outbox.release(
      { lease: this.#lease, delayMs: 0, countAttempt: false, posts, possiblyDuplicated },
      readings,
    );
    return reason instanceof LeaseLost ? this.#lost(reason.reason) : 'released';
  }

  async #lost(reason: LostReason, outcome?: Outcome): Promise<Attended> {
    this.#tell('upload:lost', { ...this.#event, reason });
    if (reason !== 'unknown' && outcome?.status === 'complete') await this.#deleteImage(outcome);
    return 'lost';
  }

  /** Another link is the one that counts, or none is wanted any more: ours must not stay at the host. */
  async #deleteImage({ deleteHash }: CompleteOutcome): Promise<void> {
    const { host } = this.#attendance.options;
    if (deleteHash === undefined || host.delete === undefined) return;
    try {
      await host.delete(deleteHash, { signal: AbortSignal.timeout(deleteTimeoutMs) });
    } catch (error) {
      const told = redactError(error, (text) => text.replaceAll(deleteHash, '[deletehash]'));
      this.#attendance.tell('error', { error: told, during: 'deleting an image that lost its lease' });
    }
  }
}

function hasEmpty({ buckets }: BudgetReading): boolean {
  return buckets.some(({ remaining }) => remaining <= 0);
}

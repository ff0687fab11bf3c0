import type { BucketState } from './budget.ts';
import { type CommandTarget, checkCommand } from './check-command.ts';
import {
  checkFailuresOptions,
  checkJobsPage,
  checkPage,
  checkUploadsOptions,
  checkUploadsPage,
  type UploadsOptions,
} from './check-page.ts';
import { checkPauseTarget } from './check-pause-target.ts';
import { checkRetrySelection } from './check-retry-selection.ts';
import { checkUrls } from './check-urls.ts';
import { IdempotencyConflictError, InvalidOptionError, InvalidUrlsError, QueueFullError } from './errors.ts';
import { EventHub, type Listener } from './event-hub.ts';
import type { UploaderEventName } from './events.ts';
import type { FleetListOptions, WorkerCommand, WorkerInfo } from './fleet.ts';
import { type FollowOptions, type FollowProgressOptions, followFleet, followJob } from './follow.ts';
import type { JobSummary } from './job.ts';
import { jobFinished } from './job-finished.ts';
import { JobLooks } from './job-looks.ts';
import { type MappingEntry, readMapping } from './mapping.ts';
import { newJob } from './new-job.ts';
import { checkOptionNames } from './option-names.ts';
import { type ResolvedOptions, resolveOptions, type UploaderOptions } from './options.ts';
import type { JobFilter, Page, PageOptions } from './page.ts';
import { readSettings } from './read-settings.ts';
import type { RecentFailure } from './recent-failure.ts';
import type { Settings } from './settings.ts';
import type { Stats } from './stats.ts';
import type { DeleteHash, PauseTarget, RetrySelection, UploadPage } from './store.ts';
import type { StoreEvent } from './store-event.ts';
import { checkSubmitOptions, type SubmitOptions } from './submit-options.ts';
import { tellPaused, tellResumed } from './tell-paused.ts';
import type { UploadProgressed } from './upload-progress.ts';
import { Worker } from './worker.ts';

/** What a submit came to. */
export interface Submitted {
  readonly jobId: string;
  /** True when the same submit had come before, by its idempotency key. */
  readonly existing: boolean;
  readonly job: JobSummary;
}

/**
 * Takes jobs in, works on them, and tells how far they are. One of these is what an application embeds; many of them
 * on one shared store work as a fleet.
 */
export class Uploader {
  readonly #options: ResolvedOptions;
  readonly #events: EventHub;
  readonly #worker: Worker;
  readonly #looks: JobLooks;

  /** Opens nothing and starts nothing. @throws InvalidOptionError */
  constructor(options: UploaderOptions) {
    this.#options = resolveOptions(options);
    this.#events = new EventHub(this.#options.logger);
    this.#worker = new Worker(this.#options, this.#events.tell);
    this.#looks = new JobLooks(this.#options.store);
  }

  /**
   * Hands in a job: images by their URLs. When this resolves the job is kept and can be read; nothing has been
   * downloaded yet. Duplicates are stripped, the first one kept.
   *
   * @throws InvalidUrlsError when a URL can not be one that is fetched, or when there are more than may ever wait at
   * once; then nothing is accepted
   * @throws InvalidOptionError
   * @throws IdempotencyConflictError when the key was used for other URLs, or another title, description or album
   * @throws QueueFullError when too many uploads wait
   * @throws StoreUnavailableError
   */
  async submit(urls: readonly string[], options: SubmitOptions = {}): Promise<Submitted> {
    const accepted = checkSubmitOptions(options);
    const job = newJob(await checkUrls(urls, this.#options), accepted, this.#options);
    const created = await this.#options.store.create(job);
    if (created.status === 'conflict') throw new IdempotencyConflictError();
    if (created.status === 'full') throw this.#noRoom(job.urls.length, created.retryAfterMs);
    const existing = created.status === 'existing';
    if (!existing) this.#events.tell('job:created', { jobId: created.job.id, job: created.job });
    return { jobId: created.job.id, existing, job: created.job };
  }

  /** A job without its uploads; `undefined` when it is unknown. */
  job(jobId: string): Promise<JobSummary | undefined> {
    return this.#options.store.get(jobId);
  }

  /**
   * A job's uploads in the order of the request, with the job as it was in the same moment. With a status a page may be
   * short, or empty, although there is a `next`: it looks at a bounded number of uploads. A page never changes, and may be
   * frozen with all that is in it.
   * @throws InvalidOptionError
   */
  async uploads(jobId: string, page: PageOptions & UploadsOptions = {}): Promise<UploadPage | undefined> {
    return await this.#options.store.uploads(jobId, checkUploadsPage(page));
  }

  /**
   * What became of every URL of a job, in the order of the request: the links to put where the URLs were. Reads page by
   * page, so that a job of any length takes the memory of one; to be iterated once. A job that goes on meanwhile is
   * told as it was when each page was read. `undefined` when it is unknown. @throws InvalidOptionError
   */
  async mapping(
    jobId: string,
    options: UploadsOptions = {},
  ): Promise<AsyncIterable<MappingEntry> | undefined> {
    return readMapping(this.#options.store, jobId, checkUploadsOptions(options));
  }

  /**
   * Jobs, newest first. With a filter a page may be short, or empty, although there is a `next`: it looks at a bounded
   * number of jobs. @throws InvalidOptionError
   */
  async jobs(page: PageOptions & JobFilter = {}): Promise<Page<JobSummary>> {
    return this.#options.store.list(checkJobsPage(page));
  }

  /** The uploads that failed last, newest first: at most 1,000, and none that were cancelled. @throws InvalidOptionError */
  async recentFailures(options: { readonly limit?: number } = {}): Promise<readonly RecentFailure[]> {
    return this.#options.store.recentFailures(checkFailuresOptions(options));
  }

  /** Every link that was recorded, in the order of completion. @throws InvalidOptionError */
  async links(page: PageOptions = {}): Promise<Page<string>> {
    return this.#options.store.links(checkPage(page));
  }

  /** What is needed to delete a job's images at the host. Whoever has it can delete them: show it to nobody else. */
  deleteHashes(jobId: string): Promise<readonly DeleteHash[]> {
    return this.#options.store.deleteHashes(jobId);
  }

  /**
   * Cancels a job: it is complete at once, what was unsettled has failed with the code `cancelled`, links that it has
   * stay. Cancelling a complete job changes nothing. `undefined` when it is unknown.
   */
  async cancel(jobId: string): Promise<JobSummary | undefined> {
    const abort = this.#worker.cancelling(jobId);
    const cancelled = await this.#options.store.cancel(jobId);
    if (cancelled === undefined) return undefined;
    abort();
    const { job, jobFinished } = cancelled;
    if (jobFinished) this.#events.tell('job:finished', { jobId, job });
    return job;
  }

  /**
   * Runs a job's failed uploads once more, all or those selected. `undefined` when it is unknown.
   * @throws InvalidOptionError when the selection is none
   * @throws QueueFullError when too many uploads would wait; nothing runs again then, and all stay failed
   * @throws StoreUnavailableError
   */
  async retry(jobId: string, which: RetrySelection = {}): Promise<JobSummary | undefined> {
    const { store, maxWaiting } = this.#options;
    const answer = await store.retry(jobId, checkRetrySelection(which), { maxWaiting });
    if (answer?.status === 'full') throw new QueueFullError(answer.retryAfterMs, 'retry');
    if (answer?.status === 'retried') this.#events.tell('job:retried', { jobId, job: answer.job });
    return answer?.job;
  }

  /**
   * Hands out nothing more of a job, of what goes to a host, or of the whole queue, on every machine, until it is
   * resumed. What runs is finished. Pausing twice is pausing once. `false`: there is no such job.
   * @throws InvalidOptionError when it is none of these
   */
  async pause(what: PauseTarget): Promise<boolean> {
    const change = await this.#options.store.pause(checkPauseTarget(what));
    if (change?.changed === true) tellPaused(what, change, this.#events.tell);
    return change !== undefined;
  }

  /** Ends what {@link pause} began, and nothing else. `false`: there is no such job. @throws InvalidOptionError */
  async resume(what: PauseTarget): Promise<boolean> {
    const change = await this.#options.store.resume(checkPauseTarget(what));
    if (change?.changed === true) tellResumed(what, change, this.#events.tell);
    return change !== undefined;
  }

  /**
   * Resolves with the job when it is complete, whichever process did the work; with `undefined` when it is unknown.
   * Rejects with the signal's reason when that aborts. A store that goes away meanwhile is waited for.
   * @throws InvalidOptionError
   */
  async finished(
    jobId: string,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<JobSummary | undefined> {
    checkOptionNames(options, { signal: true });
    const { store, pollMs } = this.#options;
    return jobFinished(jobId, { store, pollMs, ...options });
  }

  /**
   * Hears what the whole fleet does, as the store records it: everything, or what concerns one job. Each event has an
   * id; give the last one as `after` to go on from there. Beside the events come `gap`s, where history was missed: read
   * the state anew.
   *
   * Of one job it ends after its `job:finished`. It ends without one when the job is unknown, or complete and nothing
   * of it is left to tell. Everything ends with the signal, or when the reader leaves. That an upload was started only
   * {@link on} hears. That the queue or the job's host was paused or resumed is among its events, for as long as it runs.
   *
   * With `progress: true` a job's uploads that take a while are told of as `upload:progressed`: of each the newest, at
   * most four times a second, and nothing any more once its attempt was settled or given back. A hint: it has no id and
   * some of it may be missing. Whoever is behind is told the events first.
   *
   * The iteration throws a `StoreUnavailableError` when the store is away at its beginning, and when
   * it is away for too long while what is left of a complete job is read.
   * @throws InvalidOptionError when the progress of all jobs is asked for
   */
  follow(jobId: string, options: FollowProgressOptions): AsyncIterable<StoreEvent | UploadProgressed>;
  follow(jobId?: string, options?: FollowOptions & { readonly progress?: false }): AsyncIterable<StoreEvent>;
  follow(
    jobId: string,
    options: FollowOptions & { readonly progress?: boolean },
  ): AsyncIterable<StoreEvent | UploadProgressed>;
  follow(
    jobId?: string,
    options: FollowOptions & { readonly progress?: boolean } = {},
  ): AsyncIterable<StoreEvent | UploadProgressed> {
    checkOptionNames(options, { after: true, signal: true, progress: true });
    const { store, pollMs } = this.#options;
    const parts = { store, looks: this.#looks, pollMs, ...options };
    if (jobId !== undefined) return followJob(jobId, parts);
    if (options.progress) throw new InvalidOptionError('progress', 'is told of one job, and none is named');
    return followFleet(parts);
  }

  /** What the whole store has counted, what it holds, and what of it is paused. */
  stats(): Promise<Stats> {
    return this.#options.store.stats();
  }

  /** What is known of the hosts' limits now, by the name of each bucket. A store alone knows the buckets of all hosts. */
  budget(): Promise<readonly BucketState[]> {
    return this.#options.store.budget.list();
  }

  /**
   * The settings in force here, with those of its source, host and store, by name. `concurrency` is what it is by now.
   * No secret is among them.
   */
  get settings(): Settings {
    return readSettings(this.#options, this.#worker.slots);
  }

  /** The id by which this process is among the {@link workers} once it has started. */
  get workerId(): string {
    return this.#options.workerId;
  }

  /** The workers of the fleet, by id; also those that went silent in the last ten minutes, as `offline`. */
  workers(options: FleetListOptions = {}): Promise<readonly WorkerInfo[]> {
    return this.#options.store.fleet.list(options);
  }

  /**
   * Tells one worker, or all that are not offline, to pause, resume, resize or drain. Each obeys with its next beat,
   * which is within its `heartbeatMs`. Answers how many were told; 0 when there is no such worker.
   * A worker that was drained has stopped for good: see {@link stopped}.
   *
   * @throws InvalidOptionError when the command is none, or its number of slots can not work
   */
  async command(target: CommandTarget, command: WorkerCommand): Promise<number> {
    return this.#options.store.fleet.command(target, checkCommand(target, command));
  }

  /**
   * Hears what this process does. Answers the function that takes the listener away.
   * A listener that throws or rejects harms nothing; it becomes an `error` event.
   */
  on<Name extends UploaderEventName>(name: Name, listener: Listener<Name>): () => void {
    return this.#events.on(name, listener);
  }

  /** Hears the next such event, and no other. */
  once<Name extends UploaderEventName>(name: Name, listener: Listener<Name>): () => void {
    return this.#events.once(name, listener);
  }

  /** Begins to work on what is submitted, here or elsewhere. An application that only takes jobs in never calls it. */
  start(): void {
    this.#worker.start();
  }

  /**
   * Stops working in good order: claims nothing more, lets transfers finish for `timeoutMs` (default
   * `drainTimeoutMs`; `Infinity` for as long as they take), hands back the rest without burning an attempt. Jobs can
   * still be submitted and read. @throws InvalidOptionError
   */
  async stop(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    checkOptionNames(options, { timeoutMs: true });
    return this.#worker.stop(options.timeoutMs);
  }

  /**
   * Resolves when this worker has stopped, whether by {@link stop} or because the fleet told it to drain. A process that
   * only works has nothing left to do then and can end.
   */
  get stopped(): Promise<void> {
    return this.#worker.stopped;
  }

  /** Changes how many uploads run at once, also while they run. @throws InvalidOptionError */
  resize(slots: number): void {
    this.#worker.resize(slots);
  }

  /** What could never wait here is not to be sent again, however long it waits. */
  #noRoom(count: number, retryAfterMs: number): Error {
    const { maxWaiting } = this.#options;
    if (count <= maxWaiting) return new QueueFullError(retryAfterMs);
    return new InvalidUrlsError(
      `${count} URLs are more than the ${maxWaiting} that may wait at once (maxWaiting); send fewer`,
    );
  }
}

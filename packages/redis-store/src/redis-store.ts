import { randomUUID } from 'node:crypto';

import {
  type Budget,
  type BudgetReading,
  type Created,
  type DeleteHash,
  type EventsOptions,
  encodeJson,
  type Fleet,
  type HearProgressOptions,
  type JobFilter,
  type JobSummary,
  type LeaseProgress,
  type LostReason,
  type NewJob,
  type Page,
  type PageOptions,
  type PauseChange,
  type PauseTarget,
  type Queue,
  type RecentFailure,
  type Retried,
  type RetryOptions,
  type RetrySelection,
  requireProgress,
  requireSettle,
  type Settings,
  type Settlement,
  type SettleRequest,
  StateError,
  type Stats,
  type Store,
  type StoreEvent,
  type UploadPage,
  type UploadStatus,
} from '@imgferry/core';
import { Connection } from './connection.ts';
import { createJob } from './create-job.ts';
import { decodeEnd, decodeJob, type JobAnswer } from './decode-job.ts';
import { encodeSettles } from './encode-settles.ts';
import { EventLog } from './event-log.ts';
import { inParts, LEASES_A_STEP } from './in-parts.ts';
import { KnownUrls } from './known-urls.ts';
import { listJobs } from './list-jobs.ts';
import { type RedisStoreOptions, type ResolvedOptions, resolveOptions } from './options.ts';
import { ProgressFeed } from './progress-feed.ts';
import { readFailures } from './read-failures.ts';
import { readLinks } from './read-links.ts';
import { readStats, type StatsAnswer } from './read-stats.ts';
import { readUploads } from './read-uploads.ts';
import { readableReadings } from './readable-readings.ts';
import { RedisBudget } from './redis-budget.ts';
import { RedisFleet } from './redis-fleet.ts';
import { leaseRequest, RedisQueue } from './redis-queue.ts';
import { retryAll } from './retry-all.ts';
import { patienceEnds, retryChosen } from './retry-chosen.ts';
import { Turns } from './turns.ts';
import { WakeUps } from './wake-ups.ts';

const HASHES_A_CALL = 1_000;
/** The URLs of some 50,000 uploads. */
const KNOWN_CHARACTERS = 4_000_000;

/** Those that are not just recorded. */
type SettleAnswer = readonly (readonly [at: number, status: 'settled' | LostReason, job?: JobAnswer])[];
type PauseAnswer = readonly [changed: number, job?: JobAnswer | null];
type HashAnswer = readonly (readonly [index: number, link: string, deleteHash: string])[];

/**
 * Keeps jobs and their queue in Redis, where all processes that name the same namespace share them. Every method is
 * one Lua script, so a process that dies leaves no half of a step.
 *
 * Opens its connection with the first call. {@link ready} tells whether that Redis can be worked on.
 */
export class RedisStore implements Store {
  readonly queue: Queue;
  readonly budget: Budget;
  readonly fleet: Fleet;
  readonly settings: Settings;
  readonly #options: ResolvedOptions;
  readonly #connection: Connection;
  readonly #events: EventLog;
  readonly #progress: ProgressFeed;
  readonly #wakeUps: WakeUps;
  readonly #budget: RedisBudget;
  readonly #choices = new Turns();
  readonly #knownUrls = new KnownUrls(KNOWN_CHARACTERS);
  #closed = false;

  /** Opens nothing. @throws InvalidOptionError */
  constructor(options: RedisStoreOptions) {
    this.#options = resolveOptions(options);
    this.#connection = new Connection(this.#options);
    this.#budget = new RedisBudget(this.#connection, this.#options);
    this.#wakeUps = new WakeUps(this.#connection, () => this.#budget.forget());
    this.#events = new EventLog(this.#connection);
    this.#progress = new ProgressFeed(this.#connection);
    this.queue = new RedisQueue(this.#connection, this.#options, this.#budget, this.#wakeUps);
    this.budget = this.#budget;
    this.fleet = new RedisFleet(this.#connection);
    this.settings = settingsOf(this.#options);
  }

  /**
   * Resolves once Redis was reached and found fit. Every other method waits for the same.
   * @throws RedisSetupError when this Redis would lose jobs, with the reason
   * @throws StoreUnavailableError when it can not be reached
   */
  ready(): Promise<void> {
    return this.#connection.ready();
  }

  create(job: NewJob): Promise<Created> {
    return createJob(this.#connection, job, this.#options.maxEvents);
  }

  async get(jobId: string): Promise<JobSummary | undefined> {
    return jobOrNone(await this.#connection.run('get', [jobId]));
  }

  uploads(
    jobId: string,
    page: PageOptions & { readonly status?: UploadStatus } = {},
  ): Promise<UploadPage | undefined> {
    return readUploads({ connection: this.#connection, knownUrls: this.#knownUrls }, jobId, page);
  }

  list(page: PageOptions & JobFilter = {}): Promise<Page<JobSummary>> {
    return listJobs(this.#connection, page);
  }

  async recentFailures(options: { readonly limit?: number } = {}): Promise<readonly RecentFailure[]> {
    return readFailures(this.#connection, options);
  }

  links(page: PageOptions = {}): Promise<Page<string>> {
    return readLinks(this.#connection, page);
  }

  async recall(digest: string): Promise<string | undefined> {
    return ((await this.#connection.run('recall', [digest])) as string | null) ?? undefined;
  }

  async deleteHashes(jobId: string): Promise<readonly DeleteHash[]> {
    const found: DeleteHash[] = [];
    for (;;) {
      const args = [jobId, found.length, HASHES_A_CALL];
      const answer = (await this.#connection.run('hashes', args)) as HashAnswer;
      found.push(...answer.map(([index, link, deleteHash]) => ({ index, link, deleteHash })));
      if (answer.length < HASHES_A_CALL) return found.sort((a, b) => a.index - b.index);
    }
  }

  async settle(
    requests: readonly SettleRequest[],
    told: readonly BudgetReading[] = [],
  ): Promise<readonly Settlement[]> {
    for (const request of requests) requireSettle(request);
    const observed = readableReadings(told, this.#options.logger);
    this.#budget.told(observed);
    const { retentionMs, maxEvents, maxLinks } = this.#options;
    const most = maxLinks === Number.POSITIVE_INFINITY ? 0 : maxLinks;
    const parts = inParts(requests, LEASES_A_STEP);
    const settlements: Settlement[] = [];
    for (const [at, part] of parts.entries()) {
      // What the host's replies told has counted all that was sent, so it comes last.
      const readings = at === parts.length - 1 ? observed : [];
      const args = [encodeSettles(part), encodeJson(readings), retentionMs, maxEvents, most];
      const answer = (await this.#connection.run('settle', args)) as SettleAnswer;
      settlements.push(...decodeSettlements(part.length, answer));
    }
    this.#budget.told(observed);
    return settlements;
  }

  async cancel(
    jobId: string,
  ): Promise<{ readonly job: JobSummary; readonly jobFinished: boolean } | undefined> {
    const { retentionMs, maxEvents } = this.#options;
    const args = [jobId, randomUUID(), retentionMs, maxEvents];
    const answer = (await this.#connection.run('cancel', args)) as readonly [JobAnswer, number] | null;
    return answer === null ? undefined : { job: decodeJob(answer[0]), jobFinished: answer[1] === 1 };
  }

  async retry(
    jobId: string,
    which: RetrySelection = {},
    { maxWaiting = Number.POSITIVE_INFINITY }: RetryOptions = {},
  ): Promise<Retried | undefined> {
    const bounds = { maxEvents: this.#options.maxEvents, maxWaiting };
    if (which.urls === undefined && which.codes === undefined)
      return retryAll(this.#connection, jobId, bounds);
    const until = patienceEnds();
    return this.#choices.take(jobId, () => retryChosen(this.#connection, jobId, which, bounds, until));
  }

  pause(what: PauseTarget): Promise<PauseChange | undefined> {
    return this.#setPaused(what, '1');
  }

  resume(what: PauseTarget): Promise<PauseChange | undefined> {
    return this.#setPaused(what, '');
  }

  async stats(): Promise<Stats> {
    return readStats((await this.#connection.run('stats', [])) as StatsAnswer);
  }

  events(options: EventsOptions): AsyncIterable<StoreEvent> {
    this.#requireOpen();
    return this.#events.follow(options);
  }

  async tellProgress(progress: readonly LeaseProgress[]): Promise<void> {
    for (const each of progress) requireProgress(each);
    const sent = progress.map(({ lease, ...bytes }) => {
      const { url, attempt } = lease;
      return { ...leaseRequest(lease), url, attempt, ...bytes };
    });
    for (const part of inParts(sent, LEASES_A_STEP))
      if (part.length > 0) await this.#connection.run('progress', [encodeJson(part)]);
  }

  async hearProgress(options: HearProgressOptions): Promise<void> {
    this.#requireOpen();
    await this.#progress.hear(options);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#events.close();
    this.#progress.close();
    await this.#connection.close();
    this.#wakeUps.wakeAll();
  }

  #requireOpen(): void {
    if (this.#closed) throw new StateError('the Redis store is closed');
  }

  async #setPaused(what: PauseTarget, paused: string): Promise<PauseChange | undefined> {
    const [kind, name] =
      what === 'queue'
        ? (['queue', ''] as const)
        : 'host' in what
          ? (['host', what.host] as const)
          : (['job', what.jobId] as const);
    const args = [kind, name, paused, randomUUID(), this.#options.maxEvents];
    const answer = (await this.#connection.run('pause', args)) as PauseAnswer | null;
    if (answer === null) return undefined;
    const [changed, job] = answer;
    return { changed: changed === 1, ...(job === undefined || job === null ? {} : { job: decodeJob(job) }) };
  }
}

function decodeSettlements(count: number, answer: SettleAnswer): readonly Settlement[] {
  const settlements: Settlement[] = Array.from({ length: count }, () => ({
    status: 'settled',
    jobFinished: false,
  }));
  for (const [at, status, job] of answer)
    settlements[at - 1] =
      status === 'settled' ? { status, ...decodeEnd(job) } : { status: 'lost', reason: status };
  return settlements;
}

/** Where Redis is, and who may use it, is not among them. */
function settingsOf({ namespace, retentionMs, maxEvents, maxLinks, timeoutMs }: ResolvedOptions): Settings {
  const links = maxLinks === Number.POSITIVE_INFINITY ? 'unlimited' : maxLinks;
  return { namespace, retentionMs, maxEvents, maxLinks: links, timeoutMs };
}

function jobOrNone(answer: unknown): JobSummary | undefined {
  return answer === null ? undefined : decodeJob(answer as JobAnswer);
}

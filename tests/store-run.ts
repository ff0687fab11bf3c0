import type {
  BudgetReading,
  JobFilter,
  JobSummary,
  Lease,
  NewJob,
  Outcome,
  Release,
  SettleRequest,
  Store,
  StoreEvent,
  WorkerReport,
} from '@imgferry/core';
import { DIGESTS, HOSTS, LEASE_MS, SCOPE, type StoreStep, TICK_MS, WORKERS } from './any-steps.ts';

type StepOf<Name extends StoreStep['do']> = Extract<StoreStep, { readonly do: Name }>;

const LAST = 'the last job';

/**
 * One store on its way through steps. What it answers has no tokens and no ids of events, which may differ between two
 * stores; nothing else may.
 */
export class StoreRun {
  readonly #store: Store;
  /** Every lease that was ever given out, so that old ones are shown again too. */
  readonly #leases: Lease[] = [];
  #lastSettle: readonly SettleRequest[] = [];
  #lastRelease: readonly Release[] = [];
  #lastReadings: readonly BudgetReading[] = [];
  #lastCreate: NewJob = newJob(0, 5);
  #looks = 0;
  #places = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  async begin(): Promise<void> {
    for (const number of [0, 1]) await this.#store.create(newJob(number, 5));
  }

  end(): Promise<void> {
    return this.#store.close();
  }

  take(step: StoreStep): Promise<unknown> {
    const { fleet, budget } = this.#store;
    switch (step.do) {
      case 'claim':
        return this.#claim(step);
      case 'settle':
        return this.#settle(step);
      case 'release':
        return this.#release(step);
      case 'resend':
        return this.#resend(step.what);
      case 'extend':
        return this.#extend(step.picks);
      case 'charge':
        return this.#charge(step.pick);
      case 'observe':
        return this.#told([step.reading], budget.observe(step.reading));
      case 'create':
        this.#lastCreate = jobOf(step);
        return this.#store.create(this.#lastCreate);
      case 'cancel':
        return this.#store.cancel(nameOf(step.job));
      case 'retry':
        return this.#store.retry(nameOf(step.job), {}, atMost(step));
      case 'retry some':
        return this.#retrySome(step);
      case 'pause':
      case 'resume':
        return this.#store[step.do](
          typeof step.what === 'object' && 'job' in step.what ? { jobId: nameOf(step.what.job) } : step.what,
        );
      case 'beat':
        return fleet.beat(report(step.worker), step.everyMs);
      case 'command':
        return fleet.command(step.worker === 2 ? 'all' : { workerId: workerName(step.worker) }, step.command);
      case 'leave':
        return fleet.leave(workerName(step.worker));
      case 'look':
        return this.state();
    }
  }

  /** All that can be read. */
  async state(): Promise<unknown> {
    const { budget, fleet } = this.#store;
    const jobs = await this.#store.list();
    this.#looks += 1;
    return {
      stats: await this.#store.stats(),
      jobs,
      filtered: await Promise.all(filters(jobs.items).map((filter) => this.#store.list(filter))),
      uploads: await Promise.all(jobs.items.map(({ id }) => this.#store.uploads(id))),
      hashes: await Promise.all(jobs.items.map(({ id }) => this.#store.deleteHashes(id))),
      links: await this.#store.links(),
      failures: await this.#store.recentFailures(),
      images: await Promise.all(DIGESTS.map((digest) => this.#store.recall(digest))),
      // A store may answer from a copy of what it read last of a scope, unless it knows that something was told of it
      // since; this scope it has not read before.
      budget: await budget.read([...SCOPE, `look ${this.#looks}`]),
      buckets: await budget.list(),
      workers: await fleet.list(),
    };
  }

  /** Everything that was told from the beginning on. */
  async history(): Promise<unknown> {
    await this.#store.create({ ...newJob(0, 1), id: LAST });
    const told: unknown[] = [];
    const over = new AbortController();
    for await (const { id: _, ...event } of this.#store.events({ after: 'no id', signal: over.signal })) {
      told.push(event);
      if (isLast(event)) break;
    }
    over.abort();
    return told;
  }

  #resend(what: StepOf<'resend'>['what']): Promise<unknown> {
    if (what === 'settle') return this.#store.settle(this.#lastSettle);
    if (what === 'create') return this.#store.create(this.#lastCreate);
    return this.#store.queue.release(this.#lastRelease, this.#lastReadings);
  }

  async #claim({ limit, worker, isLimited, leaseMs }: StepOf<'claim'>): Promise<unknown> {
    const claimed = await this.#store.queue.claim({
      host: HOSTS[0],
      limit,
      leaseMs: leaseMs + this.#nextPlace(),
      workerId: workerName(worker),
      ...(isLimited ? { budget: [...SCOPE] } : {}),
    });
    this.#leases.push(...claimed.leases);
    return { ...claimed, leases: claimed.leases.map(({ token: _, ...facts }) => facts) };
  }

  async #settle({ settles, readings }: StepOf<'settle'>): Promise<unknown> {
    const requests = settles.flatMap(({ pick, posts, ...how }) =>
      this.#picked(pick).map((lease): SettleRequest => ({ lease, posts, outcome: outcomeOf(lease, how) })),
    );
    this.#lastSettle = requests;
    return this.#told(readings, this.#store.settle(requests, readings));
  }

  async #release({ releases, readings }: StepOf<'release'>): Promise<unknown> {
    this.#lastReadings = readings;
    this.#lastRelease = releases.flatMap(({ pick, failure, delayMs, ...facts }) =>
      this.#picked(pick).map(
        (lease): Release => ({
          lease,
          ...facts,
          delayMs: delayMs + this.#nextPlace(),
          ...(failure === undefined ? {} : { failure }),
        }),
      ),
    );
    return this.#told(readings, this.#store.queue.release(this.#lastRelease, readings));
  }

  /** What was told of the budget is read by the next who asks. */
  async #told(readings: readonly BudgetReading[], step: Promise<unknown>): Promise<unknown> {
    const [answer] = await Promise.all([step, this.#store.budget.read(SCOPE)]);
    return readings.length === 0 ? answer : { answer, budget: await this.#store.budget.read(SCOPE) };
  }

  async #extend(picks: readonly number[]): Promise<unknown> {
    const leases = picks.flatMap((pick) => this.#picked(pick)).sort((a, b) => a.token - b.token);
    const lost = await this.#store.queue.extend(leases, LEASE_MS + this.#nextPlace());
    return lost.map(({ lease: { token: _, ...facts }, reason }) => ({ ...facts, reason }));
  }

  async #charge(pick: number): Promise<unknown> {
    return Promise.all(this.#picked(pick).map((lease) => this.#store.budget.charge(lease)));
  }

  #retrySome({ job, numbers, codes, ...bound }: StepOf<'retry some'>): Promise<unknown> {
    const which = {
      ...(numbers === undefined ? {} : { urls: numbers.map(urlOf) }),
      ...(codes === undefined ? {} : { codes }),
    };
    return this.#store.retry(nameOf(job), which, atMost(bound));
  }

  /** A place between two ticks. */
  #nextPlace(): number {
    this.#places = (this.#places + 1) % TICK_MS;
    return this.#places;
  }

  /** Mostly one of the newest leases. */
  #picked(pick: number): readonly Lease[] {
    const among = pick % 3 === 0 ? this.#leases : this.#leases.slice(-8);
    const lease = among[pick % Math.max(1, among.length)];
    return lease === undefined ? [] : [lease];
  }
}

function isLast(event: Omit<StoreEvent, 'id'>): boolean {
  return event.type === 'job:created' && 'jobId' in event && event.jobId === LAST;
}

/** Each alone, some together, and times of which each is that of a job. */
function filters(jobs: readonly JobSummary[]): readonly JobFilter[] {
  const { createdAt = 0 } = jobs[Math.floor(jobs.length / 2)] ?? {};
  return [
    { status: 'pending' },
    { status: 'in-progress', failed: true },
    { status: 'complete', createdBefore: createdAt },
    { failed: true, createdFrom: createdAt },
    { paused: true },
    { paused: true, failed: true },
    { createdFrom: createdAt, createdBefore: createdAt + 1 },
  ];
}

function urlOf(number: number): string {
  return `https://a.example/${number}`;
}

function nameOf(number: number): string {
  return `job ${number}`;
}

function workerName(number: number): string {
  return WORKERS[number] ?? '';
}

function newJob(number: number, size: number): NewJob {
  return {
    id: nameOf(number),
    urls: Array.from({ length: size }, (_, index) => urlOf(index)),
    host: HOSTS[0],
    options: {},
  };
}

function jobOf({ job, size, host, key, mark, maxWaiting, tagged }: StepOf<'create'>): NewJob {
  return {
    ...newJob(job, size),
    host,
    ...(tagged ? { metadata: { tag: job }, options: { title: 'a title' } } : {}),
    ...(key === undefined ? {} : { idempotency: { key, fingerprint: mark, ttlMs: 3_600_000 } }),
    ...atMost({ maxWaiting }),
  };
}

function atMost({ maxWaiting }: Pick<StepOf<'create'>, 'maxWaiting'>): { readonly maxWaiting?: number } {
  return maxWaiting === undefined ? {} : { maxWaiting };
}

function outcomeOf(
  { jobId, index }: Lease,
  {
    complete,
    failure,
    possiblyDuplicated,
    reused,
    remember,
  }: Omit<StepOf<'settle'>['settles'][number], 'pick' | 'posts'>,
): Outcome {
  if (!complete)
    return {
      ...{ status: 'failed', failure },
      ...(possiblyDuplicated ? { possiblyDuplicated, bytes: 7, type: 'image/gif' } : {}),
    };
  return {
    status: 'complete',
    link: `https://links.example/${jobId}/${index}`,
    ...{ bytes: 9, type: 'image/png', width: 1, height: 2, deleteHash: `hash${index}` },
    ...(possiblyDuplicated ? { possiblyDuplicated } : {}),
    ...(reused ? { reused } : {}),
    ...(remember === undefined ? {} : { remember }),
  };
}

function report(worker: number): WorkerReport {
  return {
    ...{ id: workerName(worker), hostname: 'a machine', pid: 1, version: '1.0.0', state: 'online', slots: 2 },
    ...{ running: 0, holds: [], settings: {}, complete: 0, failed: 0, retried: 0, memoryBytes: 1, load: 0.5 },
  } as const;
}

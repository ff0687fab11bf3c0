import type { JobSummary, Lease, PausedBy, PauseTarget, UploadStatus } from '@imgferry/core';

interface PlainUpload {
  readonly jobId: string;
  readonly index: number;
  status: UploadStatus;
  attempts: number;
  runAttempts: number;
  expiries: number;
  failure: string | null;
  token: number;
  /** While claimed: when the lease runs out. While waiting: when it may be claimed. */
  at: number;
}

interface PlainJob {
  isStarted: boolean;
  isRetried: boolean;
  isCancelled: boolean;
  isFinished: boolean;
}

/** What is compared of a job. */
type Facts = Pick<JobSummary, 'status' | UploadStatus | 'paused' | 'pausedBy' | 'cancelled'>;

/** What a store tells, as far as a plain model can know it. */
export type PlainChange = readonly [type: string, of?: string, facts?: unknown];

/**
 * The queue as one would write it without a thought for cost: every upload has a record, and a cancel or a retry walks
 * over all of them. What the store does by marks and cursors has to come to the same.
 */
export class PlainModel {
  now = 1_700_000_000_000;
  readonly uploads: PlainUpload[] = [];
  readonly told: PlainChange[] = [];
  readonly #host: string;
  readonly #jobs = new Map<string, PlainJob>();
  readonly #paused = new Set<string>();

  constructor(host: string) {
    this.#host = host;
  }

  create(jobId: string, count: number): void {
    for (let index = 0; index < count; index += 1) {
      const fresh = { status: 'waiting', attempts: 0, runAttempts: 0, expiries: 0, failure: null } as const;
      this.uploads.push({ jobId, index, ...fresh, token: 0, at: 0 });
    }
    const isNew = { isStarted: false, isRetried: false, isCancelled: false, isFinished: false };
    this.#jobs.set(jobId, isNew);
    this.#tell('job:created', jobId);
  }

  of(jobId: string): readonly PlainUpload[] {
    return this.uploads.filter((upload) => upload.jobId === jobId);
  }

  find({ jobId, index }: { jobId: string; index: number }): PlainUpload {
    const upload = this.uploads.find((each) => each.jobId === jobId && each.index === index);
    if (upload === undefined) throw new Error('there is no such upload');
    return upload;
  }

  facts(jobId: string): Facts {
    const { isStarted, isRetried, isCancelled, isFinished } = this.#job(jobId);
    const count = (wanted: UploadStatus): number =>
      this.of(jobId).filter(({ status }) => status === wanted).length;
    const pausedBy = this.#pausedBy(jobId);
    return {
      status: isFinished ? 'complete' : isStarted || isRetried ? 'in-progress' : 'pending',
      waiting: count('waiting'),
      claimed: count('claimed'),
      complete: count('complete'),
      failed: count('failed'),
      paused: pausedBy.length > 0,
      pausedBy,
      cancelled: isCancelled,
    };
  }

  /** What could be handed out now. */
  claimable(): readonly PlainUpload[] {
    return this.uploads.filter(
      ({ jobId, status, at }) =>
        this.#pausedBy(jobId).length === 0 &&
        (status === 'waiting' || status === 'claimed') &&
        at <= this.now,
    );
  }

  claim({ token, ...place }: Lease, leaseMs: number): PlainUpload {
    const upload = this.find(place);
    if (upload.status === 'claimed') upload.expiries += 1;
    const job = this.#job(upload.jobId);
    if (!job.isStarted) this.told.push(['job:started', upload.jobId]);
    job.isStarted = true;
    return Object.assign(upload, {
      status: 'claimed',
      attempts: upload.attempts + 1,
      runAttempts: upload.runAttempts + 1,
      token,
      at: this.now + leaseMs,
    });
  }

  holds(lease: Lease): boolean {
    const upload = this.find(lease);
    return upload.status === 'claimed' && upload.token === lease.token;
  }

  end(place: { jobId: string; index: number }, status: 'complete' | 'failed', failure: string | null): void {
    Object.assign(this.find(place), { status, failure });
    this.told.push([status === 'complete' ? 'upload:completed' : 'upload:failed', place.jobId, place.index]);
    const isDone = this.of(place.jobId).every((upload) => ['complete', 'failed'].includes(upload.status));
    if (isDone) this.#finish(place.jobId);
  }

  release(lease: Lease, delayMs: number, countAttempt: boolean): void {
    const upload = this.find(lease);
    upload.status = 'waiting';
    upload.failure = 'source_timeout';
    upload.at = this.now + delayMs;
    if (countAttempt) {
      this.told.push(['upload:retried', lease.jobId, lease.index]);
      return;
    }
    upload.attempts -= 1;
    upload.runAttempts -= 1;
  }

  /** True when this has finished the job. */
  cancel(jobId: string): boolean {
    const job = this.#job(jobId);
    if (job.isFinished) return false;
    for (const upload of this.of(jobId)) {
      if (upload.status === 'waiting' || upload.status === 'claimed')
        Object.assign(upload, { status: 'failed', failure: 'cancelled' });
    }
    job.isCancelled = true;
    this.#finish(jobId);
    return true;
  }

  /** What becomes of it, when no more than so many may wait. */
  retry(
    jobId: string,
    maxWaiting: number,
    isSelected: (upload: PlainUpload) => boolean,
  ): 'retried' | 'unchanged' | 'full' {
    const again = this.of(jobId).filter((upload) => upload.status === 'failed' && isSelected(upload));
    if (again.length === 0) return 'unchanged';
    const waiting = this.uploads.filter(({ status }) => status === 'waiting').length;
    if (waiting + again.length > maxWaiting) return 'full';
    for (const upload of again)
      Object.assign(upload, { status: 'waiting', runAttempts: 0, expiries: 0, at: 0 });
    Object.assign(this.#job(jobId), { isRetried: true, isCancelled: false, isFinished: false });
    this.#tell('job:retried', jobId);
    return 'retried';
  }

  /** True when this has changed something. */
  setPaused(what: PauseTarget, paused: boolean): boolean {
    const [kind, name] =
      what === 'queue' ? ['queue', ''] : 'host' in what ? ['host', what.host] : ['job', what.jobId];
    const change = `${kind} ${name}`;
    if (this.#paused.has(change) === paused) return false;
    if (paused) this.#paused.add(change);
    else this.#paused.delete(change);
    const type = `${kind}:${paused ? 'paused' : 'resumed'}`;
    if (kind === 'job') this.#tell(type, name ?? '');
    else this.told.push(kind === 'host' ? [type, name] : [type]);
    return true;
  }

  #job(jobId: string): PlainJob {
    const job = this.#jobs.get(jobId);
    if (job === undefined) throw new Error('there is no such job');
    return job;
  }

  #pausedBy(jobId: string): readonly PausedBy[] {
    const pauses = { job: jobId, host: this.#host, queue: '' } as const;
    return (['job', 'host', 'queue'] as const).filter((by) => this.#paused.has(`${by} ${pauses[by]}`));
  }

  #finish(jobId: string): void {
    this.#job(jobId).isFinished = true;
    this.#tell('job:finished', jobId);
  }

  #tell(type: string, jobId: string): void {
    this.told.push([type, jobId, this.facts(jobId)]);
  }
}

import type {
  DeleteHash,
  Failure,
  JobOptions,
  JobStatus,
  JobSummary,
  Metadata,
  NewJob,
  Upload,
  UploadStatus,
} from '@imgferry/core';
import { Backlog } from './backlog.ts';
import { frozenJson } from './frozen-json.ts';
import type { HeldLease } from './lease-table.ts';
import type { Pauses } from './pauses.ts';
import { describeUpload, recordFailure, runAgain, type UploadRecord, untouched } from './upload-record.ts';

/** The failure of what a cancel left without an outcome. */
export const CANCELLED: Failure = Object.freeze({ code: 'cancelled', message: 'the job was cancelled' });

/** What was done to all uploads of a job at once. */
interface Mark {
  readonly status: 'cancelled' | 'retried';
  readonly at: number;
}

/**
 * One job. Its URLs are kept as they came; a record is made only for an upload that was touched.
 *
 * Cancelling and retrying all are marks on the job. So they cost the same for one upload and for 100,000, and a record
 * is brought up to date when somebody next looks at it.
 */
export class JobRecord {
  readonly id: string;
  readonly host: string;
  readonly urls: readonly string[];
  readonly options: JobOptions;
  readonly metadata: Metadata | undefined;
  readonly createdAt: number;
  /** Until when its idempotency key is kept, and so the job; 0 without one. */
  readonly keyExpiresAt: number;
  readonly counts: Record<UploadStatus, number> = { waiting: 0, claimed: 0, complete: 0, failed: 0 };
  readonly backlog: Backlog;
  readonly held: Set<HeldLease> = new Set();
  startedAt: number | null = null;
  finishedAt: number | null = null;
  possiblyDuplicated = 0;
  paused = false;
  cancelled = false;
  /** By their places, as far as they were touched. */
  readonly #records: UploadRecord[] = [];
  #touched = 0;
  readonly #marks: Mark[] = [];
  #retried = false;
  #changes = 0;

  constructor({ id, host, urls, options, metadata, idempotency }: NewJob, now: number) {
    this.id = id;
    this.host = host;
    this.urls = urls.map((url) => url.toWellFormed());
    this.options = frozenJson(options);
    this.metadata = metadata === undefined ? undefined : frozenJson(metadata);
    this.createdAt = now;
    this.keyExpiresAt = idempotency === undefined ? 0 : now + idempotency.ttlMs;
    this.counts.waiting = urls.length;
    this.backlog = new Backlog(urls.length);
  }

  /** How many records it has made. */
  get touched(): number {
    return this.#touched;
  }

  /** Grows when something of it or of its uploads changes, other than that it is paused. */
  get changes(): number {
    return this.#changes;
  }

  get status(): JobStatus {
    if (this.finishedAt !== null) return 'complete';
    return this.startedAt === null && !this.#retried ? 'pending' : 'in-progress';
  }

  /** An upload as it is now, to read; `undefined` when there is none at this place. */
  read(index: number): UploadRecord | undefined {
    if (this.urls[index] === undefined) return undefined;
    return this.#bringUpToDate(this.#records[index] ?? untouched());
  }

  /** The record of an upload that is there, to change. */
  touch(index: number): UploadRecord {
    const record = this.read(index);
    if (record === undefined) throw new Error(`job ${this.id} has no upload ${index}`);
    if (this.#records[index] === undefined) this.#touched += 1;
    this.#records[index] = record;
    this.#changes += 1;
    return record;
  }

  /** From now on everything without an outcome reads as cancelled. What is held has to be taken away besides. */
  markCancelled(now: number): void {
    this.#marks.push({ status: 'cancelled', at: now });
    this.#changes += 1;
    this.cancelled = true;
    this.finishedAt = now;
  }

  /** From now on everything that failed reads as waiting. */
  markRetried(now: number): void {
    this.#marks.push({ status: 'retried', at: now });
    this.backlog.retryAll(this.cancelled);
    this.reopen();
  }

  /** It is in progress again. */
  reopen(): void {
    this.#retried = true;
    this.#changes += 1;
    this.cancelled = false;
    this.finishedAt = null;
  }

  summary(pauses: Pauses): JobSummary {
    const pausedBy = pauses.of(this);
    const { id, host, status, createdAt, startedAt, finishedAt, options, metadata } = this;
    const { possiblyDuplicated, cancelled } = this;
    return Object.freeze({
      id,
      host,
      status,
      createdAt,
      startedAt,
      finishedAt,
      total: this.urls.length,
      ...this.counts,
      possiblyDuplicated,
      paused: pausedBy.length > 0,
      pausedBy,
      cancelled,
      options,
      ...(metadata === undefined ? {} : { metadata }),
    });
  }

  /** What is needed to delete its images at the host, in the order of the request. */
  deleteHashes(): DeleteHash[] {
    return this.#records.flatMap(({ deleteHash, link }, index) =>
      deleteHash === null ? [] : [{ index, link: link ?? '', deleteHash }],
    );
  }

  upload(index: number, paused: boolean): Upload | undefined {
    const record = this.read(index);
    const url = this.urls[index];
    if (record === undefined || url === undefined) return undefined;
    return describeUpload(record, { jobId: this.id, index, url, paused });
  }

  /** Does to a record what was done to its job since it was written. */
  #bringUpToDate(record: UploadRecord): UploadRecord {
    if (record.marks === this.#marks.length) return record;
    for (const mark of this.#marks.slice(record.marks)) {
      if (mark.status === 'retried' && record.status === 'failed') runAgain(record);
      if (mark.status === 'cancelled' && record.status === 'waiting')
        recordFailure(record, CANCELLED, mark.at);
    }
    record.marks = this.#marks.length;
    return record;
  }
}

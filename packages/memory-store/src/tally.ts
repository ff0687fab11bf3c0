import type { FailureCode, Stats, UploadStatus } from '@imgferry/core';
import { DurationCounts } from './duration-counts.ts';
import type { JobRecord } from './job-record.ts';
import { MinuteBuckets } from './minute-buckets.ts';
import { OutcomeCounts } from './outcome-counts.ts';
import type { UploadRecord } from './upload-record.ts';

type Totals = { -readonly [Name in keyof Stats['totals']]: number };

/** What is counted, of all jobs together and of each by itself, so that the two never differ. */
export class Tally {
  readonly minutes: MinuteBuckets = new MinuteBuckets();
  readonly outcomes: OutcomeCounts = new OutcomeCounts();
  readonly durations: DurationCounts = new DurationCounts();
  /** Of those waiting are `delayed` those that were given back, and have not been claimed since. */
  readonly counts: Record<UploadStatus | 'delayed', number> = {
    ...{ waiting: 0, claimed: 0, complete: 0, failed: 0 },
    delayed: 0,
  };
  readonly totals: Totals = {
    jobsCreated: 0,
    jobsFinished: 0,
    uploadsCreated: 0,
    uploadsComplete: 0,
    uploadsFailed: 0,
    uploadsRetried: 0,
    leasesExpired: 0,
    settlesLost: 0,
    possiblyDuplicated: 0,
    uploadsReused: 0,
    bytes: 0,
  };

  /** A new job with so many uploads. */
  created(uploads: number): void {
    this.counts.waiting += uploads;
    this.totals.jobsCreated += 1;
    this.totals.uploadsCreated += uploads;
  }

  /** Uploads of a job have gone from one status to another. */
  move(job: JobRecord, from: UploadStatus, to: UploadStatus, count = 1): void {
    for (const counts of [job.counts, this.counts]) {
      counts[from] -= count;
      counts[to] += count;
    }
  }

  /** An upload has its link. */
  completed(job: JobRecord, record: UploadRecord, now: number): void {
    const bytes = record.bytes ?? 0;
    this.totals.uploadsComplete += 1;
    this.totals.bytes += bytes;
    this.outcomes.add(job.host, null, 1);
    this.minutes.add({ complete: 1, bytes }, now);
    if (record.possiblyDuplicated) this.duplicated(job);
    if (record.reused) this.totals.uploadsReused += 1;
  }

  /** Uploads have ended without one. */
  failed({ host }: JobRecord, code: FailureCode, count: number, now: number): void {
    this.totals.uploadsFailed += count;
    this.outcomes.add(host, code, count);
    this.minutes.add({ failed: count }, now);
  }

  /** The host may hold an image twice. */
  duplicated(job: JobRecord): void {
    job.possiblyDuplicated += 1;
    this.totals.possiblyDuplicated += 1;
  }

  /** An upload was held from one time to another. A clock that was set back meanwhile can not tell for how long. */
  workedOn(claimedAt: number, now: number): void {
    const ms = Math.max(0, now - claimedAt);
    this.durations.add(ms);
    this.minutes.addDuration(ms, now);
  }
}

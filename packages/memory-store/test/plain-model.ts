import type { Lease, UploadStatus } from '@imgferry/core';

interface PlainUpload {
  readonly jobId: string;
  readonly index: number;
  status: UploadStatus;
  attempts: number;
  expiries: number;
  failure: string | null;
  token: number;
  /** While claimed: when the lease runs out. While waiting: when it may be claimed. */
  at: number;
}

/**
 * The queue as one would write it without a thought for cost: every upload has a record, and a cancel or a retry walks
 * over all of them. What the store does by marks and cursors has to come to the same.
 */
export class PlainModel {
  now = 1_700_000_000_000;
  readonly uploads: PlainUpload[] = [];
  readonly paused = new Set<string>();

  create(jobId: string, count: number): void {
    for (let index = 0; index < count; index += 1) {
      const fresh = { status: 'waiting', attempts: 0, expiries: 0, failure: null, token: 0, at: 0 } as const;
      this.uploads.push({ jobId, index, ...fresh });
    }
  }

  of(jobId: string): readonly PlainUpload[] {
    return this.uploads.filter((upload) => upload.jobId === jobId);
  }

  find({ jobId, index }: { jobId: string; index: number }): PlainUpload {
    const upload = this.uploads.find((each) => each.jobId === jobId && each.index === index);
    if (upload === undefined) throw new Error('there is no such upload');
    return upload;
  }

  /** What could be handed out now. */
  claimable(): readonly PlainUpload[] {
    return this.uploads.filter(
      ({ jobId, status, at }) =>
        !this.paused.has(jobId) && (status === 'waiting' || status === 'claimed') && at <= this.now,
    );
  }

  claim({ token, ...place }: Lease, leaseMs: number): PlainUpload {
    const upload = this.find(place);
    if (upload.status === 'claimed') upload.expiries += 1;
    return Object.assign(upload, {
      status: 'claimed',
      attempts: upload.attempts + 1,
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
  }

  release(lease: Lease, delayMs: number, countAttempt: boolean): void {
    const upload = this.find(lease);
    upload.status = 'waiting';
    upload.failure = 'source_timeout';
    upload.at = this.now + delayMs;
    if (!countAttempt) upload.attempts -= 1;
  }

  cancel(jobId: string): void {
    for (const upload of this.of(jobId)) {
      if (upload.status === 'waiting' || upload.status === 'claimed') this.end(upload, 'failed', 'cancelled');
    }
  }

  retry(jobId: string, isSelected: (upload: PlainUpload) => boolean): void {
    for (const upload of this.of(jobId)) {
      if (upload.status !== 'failed' || !isSelected(upload)) continue;
      Object.assign(upload, { status: 'waiting', attempts: 0, expiries: 0, at: 0 });
    }
  }
}

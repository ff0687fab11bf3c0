import type { Failure, JobEnd, Outcome, Upload, UploadStatus } from '@imgferry/core';
import { frozenJson } from './frozen-json.ts';

/** Said of an outcome after which its job has others to wait for. */
export const GOES_ON: JobEnd = Object.freeze({ jobFinished: false });

/** What is kept of an upload once it has been touched. */
export interface UploadRecord {
  status: UploadStatus;
  /** How many marks its job had when this was written; marks set since then may say otherwise. */
  marks: number;
  attempts: number;
  /** How many of them were before the last retry; only what was retried has it. */
  attemptsBefore?: number;
  expiries: number;
  /** Of the newest claim, 0 before the first. */
  token: number;
  /** Of the claim that the newest outcome came from. */
  settledToken: number | undefined;
  /** What that was answered with, for whoever sends it again. */
  settledEnd: JobEnd;
  /** The token of the lease that the last cancel took away. */
  cancelledToken: number;
  failure: Failure | null;
  link: string | null;
  /** What deletes it at the host. Leaves with nothing that is told of the upload. */
  deleteHash: string | null;
  bytes: number | null;
  type: string | null;
  width: number | null;
  height: number | null;
  possiblyDuplicated: boolean;
  reused: boolean;
  startedAt: number | null;
  finishedAt: number | null;
}

/** An upload as it is when its job is created. */
export function untouched(): UploadRecord {
  return {
    status: 'waiting',
    marks: 0,
    attempts: 0,
    expiries: 0,
    token: 0,
    settledToken: undefined,
    settledEnd: GOES_ON,
    cancelledToken: 0,
    failure: null,
    link: null,
    deleteHash: null,
    bytes: null,
    type: null,
    width: null,
    height: null,
    possiblyDuplicated: false,
    reused: false,
    startedAt: null,
    finishedAt: null,
  };
}

/** Which attempt since its last retry the newest one is. */
export function runAttempt({ attempts, attemptsBefore = 0 }: UploadRecord): number {
  return attempts - attemptsBefore;
}

/** It runs once more: the attempts of its run begin anew, its last failure stays until the next. */
export function runAgain(record: UploadRecord): void {
  record.status = 'waiting';
  if (record.attempts > 0) record.attemptsBefore = record.attempts;
  record.expiries = 0;
  record.finishedAt = null;
}

/** It ended without a link. */
export function recordFailure(record: UploadRecord, failure: Failure, now: number): void {
  record.status = 'failed';
  record.failure = failure;
  record.finishedAt = now;
}

/** It ended. */
export function recordOutcome(record: UploadRecord, outcome: Outcome, now: number): void {
  record.status = outcome.status;
  record.finishedAt = now;
  record.bytes = outcome.bytes ?? null;
  record.type = outcome.type?.toWellFormed() ?? null;
  record.width = outcome.width ?? null;
  record.height = outcome.height ?? null;
  record.possiblyDuplicated ||= outcome.possiblyDuplicated ?? false;
  if (outcome.status === 'failed') {
    record.failure = frozenJson(outcome.failure);
    return;
  }
  record.failure = null;
  record.link = outcome.link.toWellFormed();
  record.deleteHash = outcome.deleteHash?.toWellFormed() ?? null;
  record.reused = outcome.reused ?? false;
}

/** What others may read of it. */
export function describeUpload(
  record: UploadRecord,
  place: { readonly jobId: string; readonly index: number; readonly url: string; readonly paused: boolean },
): Upload {
  return {
    jobId: place.jobId,
    index: place.index,
    url: place.url,
    status: record.status,
    link: record.link,
    failure: record.failure,
    attempts: record.attempts,
    bytes: record.bytes,
    type: record.type,
    width: record.width,
    height: record.height,
    possiblyDuplicated: record.possiblyDuplicated,
    reused: record.reused,
    paused: place.paused && record.status === 'waiting',
    startedAt: record.startedAt,
    finishedAt: record.finishedAt,
  };
}

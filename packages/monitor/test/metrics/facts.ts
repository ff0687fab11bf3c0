import { durationBoundsMs, type Stats, type WorkerInfo } from '@imgferry/core';
import type { MeasuredUploader } from '../../src/metrics/index.ts';

/** What an uploader answers. */
export interface Facts {
  readonly stats?: Partial<Stats>;
  readonly budget?: Awaited<ReturnType<MeasuredUploader['budget']>>;
  readonly workers?: readonly WorkerInfo[];
}

/** An uploader that answers these facts, and of the rest that nothing has ever happened. */
export function measured({ stats, budget = [], workers = [] }: Facts): MeasuredUploader {
  return {
    stats: () => Promise.resolve({ ...emptyStats, ...stats }),
    budget: () => Promise.resolve(budget),
    workers: () => Promise.resolve(workers),
  };
}

const noDurations = { counts: Array(durationBoundsMs.length + 1).fill(0), sumMs: 0 };

/** The facts of a store that is new. */
export const emptyStats: Stats = {
  at: 0,
  totals: {
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
  },
  outcomes: [],
  durations: noDurations,
  queue: {
    waiting: 0,
    claimed: 0,
    delayed: 0,
    nextDelayedMs: null,
    overdue: 0,
    oldestMs: null,
    liveJobs: 0,
    paused: false,
    pausedJobs: 0,
    pausedHosts: [],
  },
  minutes: [],
};

export function aWorker(changes: Partial<WorkerInfo>): WorkerInfo {
  return {
    id: 'a-worker',
    hostname: 'a-machine',
    pid: 1,
    version: '1.0.0',
    state: 'online',
    slots: 8,
    holds: [],
    complete: 0,
    failed: 0,
    retried: 0,
    running: 0,
    memoryBytes: 1_000,
    load: 0,
    settings: {},
    startedAt: 0,
    lastBeatAt: 0,
    ...changes,
  };
}

import type { WorkerReport } from '@imgferry/core';

/** What a worker with nothing to do tells of itself, but for the facts of a test. */
export function aWorker(facts: Partial<WorkerReport> = {}): WorkerReport {
  return {
    id: 'w',
    hostname: 'machine',
    pid: 7,
    version: '1.0.0',
    state: 'online',
    slots: 8,
    running: 0,
    holds: [],
    complete: 0,
    failed: 0,
    retried: 0,
    memoryBytes: 1,
    load: 0,
    settings: {},
    ...facts,
  };
}

import type { WorkerReport } from '@imgferry/core';

/** What a worker reports that has nothing to do. */
export function aWorker(id: string): WorkerReport {
  return {
    id,
    hostname: 'machine',
    pid: 7,
    version: '1.0.0',
    state: 'online',
    slots: 8,
    running: 0,
    holds: [],
    settings: {},
    complete: 0,
    failed: 0,
    retried: 0,
    memoryBytes: 1,
    load: 0,
  };
}

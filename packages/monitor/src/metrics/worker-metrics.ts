import type { WorkerInfo } from '@imgferry/core';
import type { MetricFamily } from './exposition.ts';
import { gauge } from './family.ts';

const states = ['online', 'paused', 'draining', 'offline'] as const;

/** The fleet as a whole. Workers come and go, so none has a label of its own: the page and the API tell of each. */
export function workerMetrics(workers: readonly WorkerInfo[]): MetricFamily[] {
  const there = workers.filter(({ state }) => state !== 'offline');
  const sum = (value: (worker: WorkerInfo) => number): number =>
    there.reduce((total, worker) => total + value(worker), 0);
  return [
    gauge(
      'imgferry_workers',
      'Workers by state (online, paused, draining, offline). One that went silent is forgotten after ten minutes.',
      states.map((state) => ({
        labels: { state },
        value: workers.filter((worker) => worker.state === state).length,
      })),
    ),
    gauge(
      'imgferry_worker_slots',
      'How many uploads the workers that are not offline may run at once.',
      sum(({ slots }) => slots),
    ),
    gauge(
      'imgferry_worker_slots_busy',
      'How many of these slots have an upload.',
      sum(({ running }) => running),
    ),
    gauge(
      'imgferry_worker_memory_bytes',
      'Resident memory of the workers that are not offline.',
      sum(({ memoryBytes }) => memoryBytes),
    ),
  ];
}

import type { HeldUpload, WorkerInfo } from '@imgferry/core';
import type { Look } from '../call.ts';
import { Problem } from '../problem.ts';
import type { Shown } from '../shown.ts';
import type { HeldView, WorkersView, WorkerView } from '../views/index.ts';

/** The fleet. */
export async function readWorkers({ readings, shown }: Look): Promise<WorkersView> {
  const workers = await readings.workers();
  return { workers: workers.map((worker) => workerView(worker, shown)) };
}

/** One worker, and what it holds. */
export async function readWorker({ readings, shown, name }: Look): Promise<WorkerView> {
  const workers = await readings.workersAndHolds();
  const worker = workers.find(({ id }) => id === name);
  if (worker === undefined) throw noSuchWorker();
  return {
    ...workerView(worker, shown),
    holds: worker.holds.map((held) => heldView(held, worker.lastBeatAt, shown)),
  };
}

/** What is said where a path names one that is unknown. */
export function noSuchWorker(): Problem {
  return new Problem('notFound', 'there is no such worker, or none any more');
}

function workerView(worker: WorkerInfo, shown: Shown): WorkerView {
  const { id, hostname, version, ...facts } = worker;
  return {
    id: shown.text(id),
    hostname: shown.text(hostname),
    version: shown.text(version),
    pid: facts.pid,
    state: facts.state,
    slots: facts.slots,
    running: facts.running,
    complete: facts.complete,
    failed: facts.failed,
    retried: facts.retried,
    load: facts.load,
    memoryBytes: facts.memoryBytes,
    startedAt: facts.startedAt,
    lastBeatAt: facts.lastBeatAt,
  };
}

function heldView(held: HeldUpload, toldAt: number, shown: Shown): HeldView {
  const { jobId, index, url, attempt, forMs } = held;
  return { jobId: shown.text(jobId), index, url: shown.url(url), attempt, since: toldAt - forMs };
}

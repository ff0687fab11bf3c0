import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const file = fileURLToPath(new URL('./worker.ts', import.meta.url));

/**
 * Starts worker processes, and answers the function that stops them. Each stops in good order when this process lets go of
 * it, or is gone.
 */
export async function startWorkers(
  count: number,
  facts: Readonly<Record<string, string>>,
): Promise<() => Promise<unknown>> {
  const workers = Array.from({ length: count }, () => fork(file, { env: { ...process.env, ...facts } }));
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  return () => Promise.all(workers.map(stop));
}

async function stop(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return;
  const ended = once(worker, 'exit');
  worker.disconnect();
  await ended;
}

import { InvalidOptionError } from './errors.ts';
import type { PauseTarget } from './store.ts';

/**
 * Refuses what names nothing that can be paused, or two things at once: to pause another thing than was meant, or none,
 * goes unnoticed.
 * @throws InvalidOptionError
 */
export function checkPauseTarget(what: PauseTarget): PauseTarget {
  if (what === 'queue') return what;
  const [named, ...others] = Object.entries(Object(what));
  const [kind, name] = named ?? [];
  const isOne = others.length === 0 && typeof name === 'string' && name !== '';
  if (isOne && (kind === 'jobId' || kind === 'host')) return what;
  throw new InvalidOptionError(
    'target',
    "is neither a job, nor a host, nor the queue; it must be { jobId }, { host } or 'queue'",
  );
}

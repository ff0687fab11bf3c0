import { checkHostName } from './check-host-name.ts';
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
  const [kind, name] = others.length === 0 && named !== undefined ? named : [];
  if (kind === 'host') checkHostName('host', name);
  if (kind === 'host' || (kind === 'jobId' && typeof name === 'string' && name !== '')) return what;
  throw new InvalidOptionError(
    'target',
    "is neither a job, nor a host, nor the queue; it must be { jobId }, { host } or 'queue'",
  );
}

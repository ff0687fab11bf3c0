import type { Tell } from './event-hub.ts';
import type { PauseChange, PauseTarget } from './store.ts';

/** Tells that an operator's pause has begun. */
export function tellPaused(what: PauseTarget, { job }: PauseChange, tell: Tell): void {
  if (what === 'queue') tell('queue:paused', {});
  else if ('host' in what) tell('host:paused', { host: what.host, reason: 'operator', forMs: null });
  else if (job !== undefined) tell('job:paused', { jobId: what.jobId, job });
}

/** Tells that it has ended. */
export function tellResumed(what: PauseTarget, { job }: PauseChange, tell: Tell): void {
  if (what === 'queue') tell('queue:resumed', {});
  else if ('host' in what) tell('host:resumed', { host: what.host });
  else if (job !== undefined) tell('job:resumed', { jobId: what.jobId, job });
}

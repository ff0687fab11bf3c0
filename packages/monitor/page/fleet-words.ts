import type { Overview } from '../src/views/index.ts';
import { count } from './format.ts';

/** `, 1 paused, 2 offline`: how many workers take no upload, by why. */
export function idleWords(workers: Overview['workers']): string {
  const states = (['paused', 'draining', 'offline'] as const).filter((state) => workers[state] > 0);
  return states.map((state) => `, ${count(workers[state])} ${state}`).join('');
}

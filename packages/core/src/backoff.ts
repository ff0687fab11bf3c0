import type { ResolvedOptions } from './options.ts';

/**
 * How long an upload waits for its next attempt: `attemptDelayMs` after the first, three times as long after each
 * further one, up to an hour, spread by a fifth either way so that what failed together does not return together.
 */
export function attemptDelayMs(attempt: number, options: Pick<ResolvedOptions, 'attemptDelayMs'>): number {
  const delay = Math.min(options.attemptDelayMs * 3 ** (attempt - 1), 3_600_000);
  return Math.round(delay * (0.8 + Math.random() * 0.4));
}

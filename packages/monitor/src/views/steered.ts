import type { PausedView } from './overview.ts';

/** What is paused after a pause or a resume of the queue or of a host. */
export interface PausedAnswer {
  readonly paused: PausedView;
}

/** How many workers a command was left for. Each obeys with its next beat. */
export interface ToldAnswer {
  readonly told: number;
}

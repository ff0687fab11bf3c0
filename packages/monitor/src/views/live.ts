import type { ProblemView } from '../problem.ts';
import type { Session } from './session.ts';

/** The events of a stream, by their names, each with its data. Times are in milliseconds since 1970, by the store's clock. */
export interface LiveEvents {
  /**
   * Comes first. `script` is the name of the script that is served now: a page that runs another was made for another
   * version of this, and loads itself anew.
   */
  readonly hello: Pick<Session, 'version' | 'role'> & { readonly script: string; readonly now: number };
  /** What is watched, first at once and then when it has changed. `now` is when it was told, as in every event. */
  readonly change: { readonly watch: string; readonly now: number; readonly value: unknown };
  /** What is watched could not be read. It is tried again; when it can, a `change` comes. */
  readonly trouble: { readonly watch: string; readonly now: number; readonly problem: ProblemView };
  /** How far an upload of a watched job is. */
  readonly progress: ProgressView;
}

/** How far an upload is that is being sent. */
export interface ProgressView {
  readonly jobId: string;
  readonly index: number;
  readonly sentBytes: number;
  readonly totalBytes: number;
}

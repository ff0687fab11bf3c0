import type { ProblemView } from '../problem.ts';
import type { Session } from './session.ts';

/** The events of a stream, by their names, each with its data. Times are in milliseconds since 1970, by the monitor's clock. */
export interface LiveEvents {
  /** Comes first. A page of another version loads itself anew. */
  readonly hello: Pick<Session, 'version' | 'role'>;
  /** What is watched, first at once and then when it has changed. */
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

import type { PauseReason } from './budget.ts';
import type { Failure } from './failure.ts';
import type { JobSummary } from './job.ts';

/** What happened to a job or an upload, as the store records it in the same step as the change. */
export type StoreChange =
  | { readonly type: 'job:created'; readonly jobId: string; readonly job: JobSummary }
  | { readonly type: 'job:started'; readonly jobId: string }
  | { readonly type: 'job:finished'; readonly jobId: string; readonly job: JobSummary }
  | { readonly type: 'job:retried'; readonly jobId: string; readonly job: JobSummary }
  | { readonly type: 'job:paused'; readonly jobId: string; readonly job: JobSummary }
  | { readonly type: 'job:resumed'; readonly jobId: string; readonly job: JobSummary }
  | UploadChange<'upload:completed', { readonly link: string }>
  | UploadChange<'upload:failed', { readonly failure: Failure }>
  | UploadChange<'upload:retried', { readonly failure: Failure; readonly delayMs: number }>
  | {
      readonly type: 'host:paused';
      readonly host: string;
      readonly reason: PauseReason | 'operator';
      readonly forMs: number | null;
    }
  | { readonly type: 'host:resumed'; readonly host: string }
  | { readonly type: 'queue:paused' }
  | { readonly type: 'queue:resumed' };

type UploadChange<Type extends string, Facts> = {
  readonly type: Type;
  readonly jobId: string;
  readonly index: number;
  readonly url: string;
} & Facts;

/** A change with its place in the history of the store. */
export type StoreEvent =
  | (StoreChange & {
      /** Its place. Later events have later ids; an id is never used again, not even by a store that was emptied. */
      readonly id: string;
      /** When, in milliseconds since 1970, by the store's clock. */
      readonly at: number;
    })
  /** History between `after` and what follows was trimmed, or `after` is of another history. Read the state anew. */
  | { readonly type: 'gap'; readonly id: string; readonly at: number };

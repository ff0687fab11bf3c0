/** The fleet. Times are in milliseconds since 1970, by the store's clock. */
export interface WorkersView {
  readonly workers: readonly WorkerView[];
}

/** One worker. */
export interface WorkerView {
  readonly id: string;
  readonly hostname: string;
  readonly pid: number;
  readonly version: string;
  readonly state: 'online' | 'paused' | 'draining' | 'offline';
  readonly slots: number;
  readonly running: number;
  readonly complete: number;
  readonly failed: number;
  /** Attempts that counted and ended without an outcome. */
  readonly retried: number;
  /** The share of the event loop that was busy, from 0 to 1. */
  readonly load: number;
  readonly memoryBytes: number;
  readonly startedAt: number;
  readonly lastBeatAt: number;
  /** What it holds. In the list of all workers it is left out. */
  readonly holds?: readonly HeldView[];
}

/** An upload that a worker works on. */
export interface HeldView {
  readonly jobId: string;
  readonly index: number;
  /** Without its query. */
  readonly url: string;
  readonly attempt: number;
  /** Since when it holds it, about: as the worker told with its last beat. */
  readonly since: number;
}

/** How many workers a command was left for. Each obeys with its next beat. */
export interface ToldAnswer {
  readonly told: number;
}

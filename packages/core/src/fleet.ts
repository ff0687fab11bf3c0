import type { Settings } from './settings.ts';

/** An upload that a worker works on. */
export interface HeldUpload {
  readonly jobId: string;
  readonly index: number;
  readonly url: string;
  /** Which attempt this is, over all retries, from 1. */
  readonly attempt: number;
  /** For how long it had been held when this was told, in milliseconds. */
  readonly forMs: number;
}

/** What a worker tells about itself with every beat. */
export interface WorkerReport {
  readonly id: string;
  readonly hostname: string;
  readonly pid: number;
  /** The version of the library it runs. */
  readonly version: string;
  readonly state: 'online' | 'paused' | 'draining';
  /** How many uploads it may run at once. */
  readonly slots: number;
  /** How many uploads it holds now. */
  readonly running: number;
  /** Those that it holds, at most 1,000 of them. */
  readonly holds: readonly HeldUpload[];
  /** Since it started. */
  readonly complete: number;
  readonly failed: number;
  /** Attempts that counted and ended without an outcome. What was handed back without burning one is not among them. */
  readonly retried: number;
  /** Resident memory, in bytes. */
  readonly memoryBytes: number;
  /** The share of the event loop that was busy since the last beat, from 0 to 1. */
  readonly load: number;
  /** What it works with. */
  readonly settings: Settings;
}

/** A worker as the others see it. */
export interface WorkerInfo extends Omit<WorkerReport, 'state'> {
  /** `offline`: missed three beats. Forgotten after ten minutes. */
  readonly state: WorkerReport['state'] | 'offline';
  readonly startedAt: number;
  readonly lastBeatAt: number;
}

/** How much of each worker is read. Whoever counts them leaves out what is long. */
export interface FleetListOptions {
  /** Whether what they hold is told; otherwise `holds` is empty, and `running` tells how many. @default true */
  readonly holds?: boolean;
  /** Whether their settings are told; otherwise `settings` is empty. @default true */
  readonly settings?: boolean;
}

/** What a worker can be told to do. */
export type WorkerCommand =
  | { readonly type: 'pause' }
  | { readonly type: 'resume' }
  | { readonly type: 'resize'; readonly slots: number }
  /** Stop claiming, finish what runs, then stop. */
  | { readonly type: 'drain' };

/** Who is working. */
export interface Fleet {
  /**
   * Registers a worker or refreshes it, and answers the commands that came for it since its last beat, oldest first,
   * each once. `everyMs` is when it will beat next, so that others can tell when it is late.
   */
  beat(worker: WorkerReport, everyMs: number): Promise<readonly WorkerCommand[]>;

  /** Forgets a worker that stops in good order. */
  leave(workerId: string): Promise<void>;

  /** All workers that are known, by id. */
  list(options?: FleetListOptions): Promise<readonly WorkerInfo[]>;

  /** Leaves a command for one worker or all that are not offline. Answers for how many. */
  command(target: { readonly workerId: string } | 'all', command: WorkerCommand): Promise<number>;
}

import { hostname } from 'node:os';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

import { LoopLagError, StoreResetError } from './errors.ts';
import type { Tell } from './event-hub.ts';
import type { WorkerCommand, WorkerReport } from './fleet.ts';
import type { HeldLeases } from './held-leases.ts';
import type { Lease } from './lease.ts';
import type { ResolvedOptions } from './options.ts';
import { readSettings } from './read-settings.ts';
import { version } from './version.ts';

/** What a worker tells of itself that its pulse can not know. */
export type WorkerState = Pick<WorkerReport, 'state' | 'slots' | 'complete' | 'failed' | 'retried'>;

/** What a {@link Pulse} is made of. */
export interface PulseParts {
  readonly options: ResolvedOptions;
  readonly tell: Tell;
  readonly held: HeldLeases;
  readonly state: () => WorkerState;
  readonly obey: (command: WorkerCommand) => void;
}

const mostHoldsTold = 1_000;
const keeping = 'keeping leases';

/**
 * A worker's sign of life: keeps its leases, and tells the fleet how it is and hears what the fleet wants of it.
 * The two beat apart, so that trouble with the fleet never costs a lease.
 */
export class Pulse {
  readonly #parts: PulseParts;
  readonly #stopping = new AbortController();
  #utilization = performance.eventLoopUtilization();
  #beating: Promise<unknown> | undefined;
  #resetTold = false;

  constructor(parts: PulseParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#beating ??= Promise.all([
      this.#every(
        keeping,
        () => this.#keepLeases(),
        (lateMs) => this.#tellLag(lateMs),
      ),
      this.#every('telling the fleet', () => this.#beat()),
    ]);
  }

  /** Stops beating and leaves the fleet. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#beating;
    const { options, tell } = this.#parts;
    await options.store.fleet
      .leave(options.workerId)
      .catch((error: unknown) => tell('error', { error, during: 'leaving the fleet' }));
  }

  async #every(
    during: string,
    step: () => Promise<void>,
    late: (lateMs: number) => void = () => {},
  ): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const next = performance.now() + this.#parts.options.heartbeatMs;
      await step().catch((error: unknown) => this.#parts.tell('error', { error, during }));
      const pauseMs = Math.max(1, next - performance.now());
      const until = performance.now() + pauseMs;
      await sleep(pauseMs, undefined, { signal }).catch(() => {});
      late(Math.round(performance.now() - until));
    }
  }

  /** Late by so much, a lease that was extended by the last heartbeat has run out before this one. */
  #tellLag(lateMs: number): void {
    const { options, held, tell } = this.#parts;
    if (held.size === 0 || lateMs <= options.leaseMs - options.heartbeatMs) return;
    tell('error', { error: new LoopLagError(lateMs, options.leaseMs), during: keeping });
  }

  async #keepLeases(): Promise<void> {
    const unknown = await this.#parts.held.extend();
    // Not waited for: the next heartbeat must not be late because this is slow.
    this.#lookForReset(unknown).catch((error: unknown) =>
      this.#parts.tell('error', { error, during: keeping }),
    );
  }

  async #lookForReset(unknown: readonly Lease[]): Promise<void> {
    const reset = unknown.length > 0 && (await this.#knowsNoJobOf(unknown));
    if (reset && !this.#resetTold)
      this.#parts.tell('error', { error: new StoreResetError(), during: keeping });
    this.#resetTold = reset;
  }

  /** A lease is unknown also when its upload was settled a moment ago; its job is not. */
  async #knowsNoJobOf(leases: readonly Lease[]): Promise<boolean> {
    const { store } = this.#parts.options;
    for (const jobId of new Set(leases.map((lease) => lease.jobId)))
      if ((await store.get(jobId)) !== undefined) return false;
    return true;
  }

  async #beat(): Promise<void> {
    const { options } = this.#parts;
    for (const command of await options.store.fleet.beat(this.#report(), options.heartbeatMs))
      this.#obey(command);
  }

  /** Each command comes once, so one that can not be obeyed must not take the others with it. */
  #obey(command: WorkerCommand): void {
    try {
      this.#parts.obey(command);
    } catch (error) {
      this.#parts.tell('error', { error, during: `obeying the command to ${command.type}` });
    }
  }

  #report(): WorkerReport {
    const { options, held } = this.#parts;
    const state = this.#parts.state();
    return {
      id: options.workerId,
      hostname: hostname(),
      pid: process.pid,
      version,
      ...state,
      running: held.size,
      holds: held.told(mostHoldsTold),
      memoryBytes: process.memoryUsage.rss(),
      load: this.#load(),
      settings: readSettings(options, state.slots),
    };
  }

  #load(): number {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, this.#utilization);
    this.#utilization = now;
    return utilization;
  }
}

import type { HeldUpload } from './fleet.ts';
import { inTime } from './in-time.ts';
import type { Lease, LostReason } from './lease.ts';
import type { Queue } from './queue.ts';

/** Why a transfer was told to end: its lease no longer counts. */
export class LeaseLost extends Error {
  readonly reason: LostReason;

  constructor(reason: LostReason) {
    super(`the lease is lost: ${reason}`);
    this.reason = reason;
  }
}

/** What {@link HeldLeases} needs to know. */
export interface HeldLeasesOptions {
  readonly queue: Queue;
  readonly leaseMs: number;
  readonly heartbeatMs: number;
}

interface Held {
  readonly lease: Lease;
  readonly controller: AbortController;
  /** When its claim was sent, by this process's own monotonic clock. */
  readonly since: number;
  /** When it runs out unless extended, by the same clock. */
  until: number;
}

interface Lost extends Pick<Held, 'lease' | 'controller'> {
  readonly reason: LostReason;
}

/**
 * The leases that a worker holds. Each comes with a signal that aborts when the lease is lost: the store says so, or
 * the store could not be asked for so long that somebody else may hold it by now.
 */
export class HeldLeases {
  readonly #options: HeldLeasesOptions;
  readonly #held = new Map<Lease, Held>();

  constructor(options: HeldLeasesOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#held.size;
  }

  /** What is held, for the fleet: oldest claim first, at most so many. */
  told(most: number): readonly HeldUpload[] {
    const now = performance.now();
    return [...this.#held.values()].slice(0, most).map(({ lease, since }) => {
      const { jobId, index, url, attempt } = lease;
      return { jobId, index, url, attempt, forMs: Math.max(0, Math.round(now - since)) };
    });
  }

  /** @param claimedAt When its claim was sent, by `performance.now()`: the lease runs from no earlier than that. */
  add(lease: Lease, claimedAt: number): AbortSignal {
    const until = claimedAt + this.#options.leaseMs;
    const held = { lease, controller: new AbortController(), since: claimedAt, until };
    this.#held.set(lease, held);
    return held.controller.signal;
  }

  drop(lease: Lease): void {
    this.#held.delete(lease);
  }

  /** Ends one lease, for the given reason. */
  abort(lease: Lease, reason: Error): void {
    this.#held.get(lease)?.controller.abort(reason);
  }

  /**
   * For who is about to cancel a job: answers the function that then ends what is held of it now, without waiting for the
   * store to say so. What is claimed meanwhile may be of a run that a retry has begun since; the store tells.
   */
  cancelling(jobId: string): () => void {
    const now = [...this.#held.values()].filter(({ lease }) => lease.jobId === jobId);
    return () => {
      for (const { controller } of now) controller.abort(new LeaseLost('cancelled'));
    };
  }

  /** Ends all that is held, for the given reason. */
  abortAll(reason: Error): void {
    for (const { controller } of this.#held.values()) controller.abort(reason);
  }

  /**
   * Extends all that is held, and answers the leases of which the store knows nothing, when it knows nothing of any.
   * Rejects when the store can not be asked; whoever calls tells of that and goes on.
   */
  async extend(): Promise<readonly Lease[]> {
    const asked = [...this.#held.values()];
    if (asked.length === 0) return [];
    const sentAt = performance.now();
    try {
      const lost = await this.#extendOnce(asked);
      // What was claimed meanwhile was not asked for, and runs as long as its claim said.
      for (const held of asked) held.until = Math.max(held.until, sentAt + this.#options.leaseMs);
      for (const { controller, reason } of lost) controller.abort(new LeaseLost(reason));
      const unknown = lost.filter(({ reason }) => reason === 'unknown').map(({ lease }) => lease);
      return unknown.length === asked.length ? unknown : [];
    } finally {
      this.#abortOverdue();
    }
  }

  /** A store that hangs must not hang the heartbeat. */
  async #extendOnce(asked: readonly Held[]): Promise<readonly Lost[]> {
    const { queue, leaseMs, heartbeatMs } = this.#options;
    const leases = asked.map(({ lease }) => lease);
    const lost = await inTime(queue.extend(leases, leaseMs), heartbeatMs, () => {
      throw new Error('the store did not answer a heartbeat in time');
    });
    return lostOf(asked, lost);
  }

  /** A lease that could run out before the next heartbeat is given up: its upload may be someone else's by then. */
  #abortOverdue(): void {
    const next = performance.now() + this.#options.heartbeatMs;
    for (const { until, controller } of this.#held.values())
      if (until <= next) controller.abort(new LeaseLost('unknown'));
  }
}

/** A store may answer with copies of the leases. */
function lostOf(asked: readonly Held[], lost: Awaited<ReturnType<Queue['extend']>>): readonly Lost[] {
  const reasons = new Map(lost.map(({ lease, reason }) => [keyOf(lease), reason]));
  return asked.flatMap(({ lease, controller }) => {
    const reason = reasons.get(keyOf(lease));
    return reason === undefined ? [] : [{ lease, controller, reason }];
  });
}

function keyOf({ jobId, index, token }: Lease): string {
  return `${jobId} ${index} ${token}`;
}

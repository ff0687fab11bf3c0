import type { Lease } from '@imgferry/core';
import type { JobRecord } from './job-record.ts';
import type { Reservation } from './memory-budget.ts';

/** The store's side of a lease, from its claim until it is settled, given back, taken over or, once cancelled, over. */
export interface HeldLease {
  readonly token: number;
  readonly job: JobRecord;
  readonly index: number;
  readonly reservation: Reservation;
  readonly claimedAt: number;
  /**
   * `expired`: it ran out, and its upload waits to be claimed again; until it is, the holder may still settle.
   * `cancelled`: its upload has ended; it stays known for what its holder may still tell of the budget.
   */
  state: 'held' | 'expired' | 'cancelled' | 'ended';
}

/** The leases that are out, by token. */
export class LeaseTable {
  readonly #leases = new Map<number, HeldLease>();
  readonly #expired = new Set<HeldLease>();
  #lastToken = 0;

  get size(): number {
    return this.#leases.size;
  }

  /** A token that is larger than all before. */
  nextToken(): number {
    this.#lastToken += 1;
    return this.#lastToken;
  }

  add(lease: HeldLease): void {
    this.#leases.set(lease.token, lease);
  }

  delete(lease: HeldLease): void {
    this.#leases.delete(lease.token);
    this.#expired.delete(lease);
  }

  /** Those that ran out and wait to be taken over. */
  get expired(): { readonly size: number } {
    return this.#expired;
  }

  /** It ran out, or does so no more. */
  setExpired(lease: HeldLease, expired: boolean): void {
    if (expired) this.#expired.add(lease);
    else this.#expired.delete(lease);
  }

  /** What is known of a lease that somebody shows. */
  find({ token, jobId, index }: Lease): HeldLease | undefined {
    const lease = this.#leases.get(token);
    return lease?.job.id === jobId && lease.index === index ? lease : undefined;
  }
}

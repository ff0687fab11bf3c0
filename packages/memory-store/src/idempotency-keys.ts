import type { NewJob } from '@imgferry/core';
import { TimeHeap } from './time-heap.ts';

interface KnownKey {
  readonly fingerprint: string;
  readonly jobId: string;
  readonly expiresAt: number;
}

/** Which submits came before, as long as their keys are kept. */
export class IdempotencyKeys {
  readonly #keys = new Map<string, KnownKey>();
  readonly #expiry = new TimeHeap<string>();

  get size(): number {
    return this.#keys.size;
  }

  get(key: string, now: number): KnownKey | undefined {
    const known = this.#keys.get(key.toWellFormed());
    return known === undefined || known.expiresAt <= now ? undefined : known;
  }

  add(idempotency: NonNullable<NewJob['idempotency']>, jobId: string, now: number): void {
    const { fingerprint, ttlMs } = idempotency;
    const key = idempotency.key.toWellFormed();
    this.#keys.set(key, { fingerprint, jobId, expiresAt: now + ttlMs });
    this.#expiry.set(key, now + ttlMs);
  }

  /** Forgets at most so many keys whose time is over. */
  sweep(limit: number, now: number): void {
    for (let step = 0; step < limit; step += 1) {
      const key = this.#expiry.takeDue(now);
      if (key === undefined) return;
      this.#keys.delete(key);
    }
  }
}

import type { BucketReading, BucketState, BudgetState } from '@imgferry/core';
import { Probes } from './probes.ts';

interface Window {
  remaining: number;
  readonly limit: number | undefined;
  readonly resetAt: number;
  readonly reason: BucketReading['reason'];
}

/** One limit of the host: what was last read of it, and what has been taken since. */
export class Bucket {
  readonly name: string;
  /** POSTs that claims have taken and that are not accounted for yet. */
  inFlight = 0;
  #window: Window | 'unlimited' | undefined;
  readonly #probes = new Probes();

  constructor(name: string) {
    this.name = name;
  }

  /** Nothing has been read of it, or its window has ended. */
  isUnknown(now: number): boolean {
    if (this.#window !== undefined && this.#window !== 'unlimited' && this.#window.resetAt <= now) {
      this.#window = undefined;
    }
    return this.#window === undefined;
  }

  /** It says nothing that a new bucket of its name would not say. */
  isBlank(now: number): boolean {
    return this.isUnknown(now) && this.inFlight === 0 && this.#probes.areOver(now, this.inFlight);
  }

  /** How many more uploads may be claimed; one that is unknown lets probes go. */
  allowed(now: number): number {
    if (this.isUnknown(now)) return this.#probes.left(now, this.inFlight);
    const window = this.#limited();
    return window === undefined ? Number.POSITIVE_INFINITY : Math.max(0, window.remaining - this.inFlight);
  }

  /** When it allows more by itself. */
  freeAt(now: number): number {
    if (this.allowed(now) > 0) return now;
    return this.#limited()?.resetAt ?? this.#probes.endsAt ?? now;
  }

  /** Set while the host itself allows nothing: what is merely in flight holds up claims, but not those in flight. */
  pause(now: number): BudgetState['paused'] {
    if (this.isUnknown(now)) return undefined;
    const window = this.#limited();
    if (window === undefined || window.remaining > 0) return undefined;
    return { forMs: window.resetAt - now, reason: window.reason ?? 'exhausted' };
  }

  describe(now: number): BucketState | undefined {
    if (this.isUnknown(now)) return undefined;
    const window = this.#limited();
    if (window === undefined) return undefined;
    const { remaining, limit, resetAt, reason } = window;
    return {
      bucket: this.name,
      remaining,
      resetInMs: resetAt - now,
      resetsAt: resetAt,
      inFlight: this.inFlight,
      ...(limit === undefined ? {} : { limit }),
      ...(reason === undefined ? {} : { reason }),
    };
  }

  /** A claim draws from it; who draws from an unknown bucket is a probe. */
  take(token: number, now: number): void {
    if (this.isUnknown(now)) this.#probes.take(token, now, this.inFlight);
    this.inFlight += 1;
  }

  /** What a claim took comes back, less what was really sent. */
  giveBack(token: number, taken: number, posts: number): void {
    this.inFlight -= taken;
    const window = this.#limited();
    if (window !== undefined) window.remaining = Math.max(0, window.remaining - posts);
    this.#probes.giveBack(token);
  }

  /** Takes over what a reply told. Replies overtake one another, so within a window the smaller number holds. */
  read(reading: BucketReading, now: number): void {
    const remaining = Math.max(0, Math.floor(reading.remaining));
    const resetAt = now + Math.ceil(reading.resetInMs);
    const known = this.isUnknown(now) ? undefined : this.#limited();
    this.#probes.end();
    if (known !== undefined && (known.remaining < remaining || isLaterEnd(known, remaining, resetAt))) return;
    this.#window = { remaining, resetAt, limit: reading.limit ?? known?.limit, reason: reading.reason };
  }

  /** A reply told of the scope and not of this bucket. */
  passedOver(now: number): void {
    if (!this.isUnknown(now)) return;
    this.#probes.end();
    this.#window = 'unlimited';
  }

  #limited(): Window | undefined {
    return this.#window === 'unlimited' ? undefined : this.#window;
  }
}

/** Two readings of the same number, as of two blocks: the one that lasts longer holds. */
function isLaterEnd(known: Window, remaining: number, resetAt: number): boolean {
  return known.remaining === remaining && known.resetAt > resetAt;
}

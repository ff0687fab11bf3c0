import type { BucketReading, BucketState, BudgetState } from '@imgferry/core';
import { Probes } from './probes.ts';

interface Window {
  /** The least that a reply has told. */
  readonly told: number;
  /** What the first reply told, less all that has been charged since. */
  own: number;
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
    return window === undefined ? Number.POSITIVE_INFINITY : Math.max(0, remainingOf(window) - this.inFlight);
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
    if (window === undefined || remainingOf(window) > 0) return undefined;
    return { forMs: window.resetAt - now, reason: window.reason ?? 'exhausted' };
  }

  describe(now: number): BucketState | undefined {
    if (this.isUnknown(now)) return undefined;
    const window = this.#limited();
    if (window === undefined) return undefined;
    const { limit, resetAt, reason } = window;
    return {
      bucket: this.name,
      remaining: remainingOf(window),
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
  giveBack(token: number, taken: number, posts: number, now: number): void {
    this.inFlight -= taken;
    const window = this.isUnknown(now) ? undefined : this.#limited();
    if (window !== undefined) window.own = Math.max(0, window.own - posts);
    this.#probes.giveBack(token);
  }

  /**
   * Takes over what a reply told. Replies overtake one another, so within a window the smaller number holds. What is in
   * flight may be counted in it, and will be charged.
   */
  read(reading: BucketReading, now: number): void {
    const told = Math.max(0, Math.floor(reading.remaining));
    const resetAt = now + Math.ceil(reading.resetInMs);
    const known = this.isUnknown(now) ? undefined : this.#limited();
    this.#probes.end();
    const own = known === undefined ? told : Math.min(known.own, told + this.inFlight);
    if (known !== undefined && (known.told < told || isLaterEnd(known, told, resetAt))) known.own = own;
    else this.#window = { told, own, resetAt, limit: reading.limit ?? known?.limit, reason: reading.reason };
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
function isLaterEnd(known: Window, told: number, resetAt: number): boolean {
  return known.told === told && known.resetAt > resetAt;
}

function remainingOf({ told, own }: Window): number {
  return Math.min(told, own);
}

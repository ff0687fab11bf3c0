import type { Target } from './target.ts';

/** Answers that say "not now": RFC 6585 section 4, RFC 9110 section 15.6.4. */
const pausing: ReadonlySet<number> = new Set([429, 503]);
/** No host is left alone for longer, whatever it asks for. */
const longestAskedPauseMs = 300_000;
/** So many times the first pause is the longest of our own. */
const longestPauseFactor = 16;
/** A host that for so many times the first pause has given no other answer gives up its URLs that had it ... */
const lostAfterFactor = 600;
/** ... and all others too, when it was given to so many. */
const urlsUntilLost = 40;
const forgottenMs = 600_000;
/** Of so many URLs of a host it is known that they were answered so. */
const mostRefused = 1_000;

/** What came of asking a host. */
export interface Heard {
  readonly asked: Pick<Target, 'url'>;
  /** Undefined when it failed to answer, which is neither good news nor a wish to be left alone. */
  readonly status: number | undefined;
  /** For how long it wants to be left alone. */
  readonly retryAfterMs?: number | undefined;
}

/** The pauses that a host has asked for, by 429 and 503, and at which URLs. */
export class HostPauses {
  readonly #firstMs: number;
  #until = Number.NEGATIVE_INFINITY;
  #count = 0;
  /** When it first asked for one since another answer came. */
  #since = 0;
  /** The URLs at which it has asked for one since then. One that always does makes the pauses of the others no longer. */
  readonly #inARow = new Set<number>();
  /** The URLs whose last answer that was, those that were last asked at the end. */
  readonly #refused = new Set<number>();

  /** @param firstMs How long the first lasts when the host does not say so, in milliseconds. */
  constructor(firstMs: number) {
    this.#firstMs = firstMs;
  }

  /** How many there were. */
  get count(): number {
    return this.#count;
  }

  /** When the last one ends. */
  get until(): number {
    return this.#until;
  }

  /** The last that the host has answered is that it wants one. */
  get areLast(): boolean {
    return this.#inARow.size > 0;
  }

  /** Nothing that is known of them matters any more. */
  areOver(now: number): boolean {
    return !this.areLast || now >= this.#until + forgottenMs;
  }

  forget(): void {
    this.#inARow.clear();
  }

  /** Whether this URL was itself answered so when it was last asked. */
  hasRefused(url: number): boolean {
    return this.#refused.has(url);
  }

  /** Whether to wait for this URL has no end: it, or very many, had no other answer, for very long. */
  isLost(url: number, now: number): boolean {
    if (!this.areLast || now < this.#since + this.#firstMs * lostAfterFactor) return false;
    return this.#inARow.size >= urlsUntilLost || this.hasRefused(url);
  }

  /**
   * @param pausesBefore How many there were when it was asked.
   * @returns For how long the host is left alone now, in milliseconds.
   */
  heard({ asked, status, retryAfterMs }: Heard, pausesBefore: number, now: number): number {
    if (status === undefined) return 0;
    const isOfNow = pausesBefore === this.#count;
    if (this.#refused.size > 0) this.#refused.delete(asked.url);
    if (!pausing.has(status)) {
      if (isOfNow) this.forget();
      return 0;
    }
    this.#refuse(asked.url);
    if (isOfNow) this.#begin(asked.url, now);
    // What was asked before a pause began is answered within it: that makes it no longer, unless the host says so.
    const pauseMs = Math.min(retryAfterMs || (isOfNow ? this.#ownMs() : 0), longestAskedPauseMs);
    this.#until = Math.max(this.#until, now + pauseMs);
    return Math.max(0, Math.round(this.#until - now));
  }

  #refuse(url: number): void {
    this.#refused.add(url);
    const [oldest] = this.#refused;
    if (this.#refused.size > mostRefused && oldest !== undefined) this.#refused.delete(oldest);
  }

  #begin(url: number, now: number): void {
    if (!this.areLast) this.#since = now;
    this.#count += 1;
    if (this.#inARow.size < urlsUntilLost) this.#inARow.add(url);
  }

  #ownMs(): number {
    return this.#firstMs * Math.min(2 ** (this.#inARow.size - 1), longestPauseFactor);
  }
}

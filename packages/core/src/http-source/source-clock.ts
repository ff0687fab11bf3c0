import { TransferError } from '../transfer-error.ts';

/**
 * Counts the time that is spent waiting for a source, over all of its redirects, against one total. It stands still
 * while nobody waits for the source: in a queue for held bytes, and between two reads of a slow host.
 */
export class SourceClock {
  #totalMs: number;
  #spentMs = 0;
  #startedAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #bytesPerSecond = 0;
  #mostPatienceMs = 0;
  /** How much longer the body may be waited for before more of it comes: what came is patience earned. */
  #patienceMs = Number.POSITIVE_INFINITY;

  constructor(totalMs: number) {
    this.#totalMs = totalMs;
  }

  /** Raises the total; never lowers it. */
  raiseTotal(totalMs: number): void {
    this.#totalMs = Math.max(this.#totalMs, totalMs);
  }

  /**
   * Demands a least rate from now on, on average: a source may be so far behind it and no further.
   * @param bytesPerSecond 0 demands nothing.
   */
  demand(bytesPerSecond: number, behindMs: number): void {
    this.#bytesPerSecond = bytesPerSecond;
    this.#mostPatienceMs = bytesPerSecond > 0 ? behindMs : Number.POSITIVE_INFINITY;
    this.#patienceMs = this.#mostPatienceMs;
  }

  /** So much of the body has come. */
  credit(bytes: number): void {
    if (this.#bytesPerSecond === 0) return;
    const earnedMs = (bytes / this.#bytesPerSecond) * 1_000;
    this.#patienceMs = Math.min(this.#patienceMs + earnedMs, this.#mostPatienceMs);
  }

  /**
   * Starts to count, until `stop`. Tells when this wait has lasted its own limit, or all of them together the total, or
   * the body is too far behind its least rate.
   * @param what Says what did not come, as in `the headers`.
   */
  start(limitMs: number, what: string, onLate: (error: TransferError) => void): void {
    this.stop();
    this.#startedAt = performance.now();
    const leftMs = Math.min(
      limitMs,
      Math.max(0, this.#totalMs - this.#spentMs),
      Math.max(0, this.#patienceMs),
    );
    this.#timer = setTimeout(() => {
      onLate(new TransferError('source_timeout', this.#reason(leftMs, limitMs, what)));
    }, leftMs);
  }

  /** Stops counting. Stopping twice is stopping once. */
  stop(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const waitedMs = performance.now() - this.#startedAt;
    this.#spentMs += waitedMs;
    this.#patienceMs -= waitedMs;
  }

  #reason(leftMs: number, limitMs: number, what: string): string {
    if (leftMs === limitMs) return `${what} did not come within ${limitMs} ms`;
    if (leftMs < this.#totalMs - this.#spentMs)
      return `the image came at less than ${this.#bytesPerSecond} bytes per second`;
    return `the image did not come within ${this.#totalMs} ms in all`;
  }
}

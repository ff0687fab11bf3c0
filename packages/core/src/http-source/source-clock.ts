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

  constructor(totalMs: number) {
    this.#totalMs = totalMs;
  }

  /** Raises the total; never lowers it. */
  raiseTotal(totalMs: number): void {
    this.#totalMs = Math.max(this.#totalMs, totalMs);
  }

  /**
   * Starts to count, until `stop`. Tells when this wait has lasted its own limit, or all of them together the total.
   * @param what Says what did not come, as in `the headers`.
   */
  start(limitMs: number, what: string, onLate: (error: TransferError) => void): void {
    this.stop();
    this.#startedAt = performance.now();
    const leftMs = Math.max(0, this.#totalMs - this.#spentMs);
    const message =
      limitMs <= leftMs
        ? `${what} did not come within ${limitMs} ms`
        : `the image did not come within ${this.#totalMs} ms in all`;
    this.#timer = setTimeout(
      () => onLate(new TransferError('source_timeout', message)),
      Math.min(limitMs, leftMs),
    );
  }

  /** Stops counting. Stopping twice is stopping once. */
  stop(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#spentMs += performance.now() - this.#startedAt;
  }
}

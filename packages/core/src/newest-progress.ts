import type { StoreEvent } from './store-event.ts';
import type { UploadProgress } from './upload-progress.ts';

/** More uploads than this are hardly under way of one job. What is told of others then takes the place of the oldest. */
const mostUploads = 1_000;
/** So many ends of attempts are remembered. Who hears of progress later than that hears nothing of it. */
const mostEnds = 256;

/**
 * What a follower of a job has not been told yet of how far its uploads are: of each the newest. Progress and events
 * come different ways, so what was told before an attempt ended may be heard after it, and is dropped.
 */
export class NewestProgress {
  /** By the upload's index. */
  readonly #untold = new Map<number, UploadProgress>();
  /** When attempts ended that the follower was told of, by the upload's index, oldest first. */
  readonly #endedAt = new Map<number, number>();
  /** What was told up to here is over. */
  #overUntil = Number.NEGATIVE_INFINITY;

  /** How many uploads there is something to tell of. */
  get size(): number {
    return this.#untold.size;
  }

  /** Takes what was heard, unless its attempt is over. */
  hear(progress: UploadProgress): void {
    const { index, at } = progress;
    if (at <= Math.max(this.#overUntil, this.#endedAt.get(index) ?? this.#overUntil)) return;
    this.#untold.set(index, progress);
    for (const [oldest] of this.#untold) {
      if (this.#untold.size <= mostUploads) return;
      this.#untold.delete(oldest);
    }
  }

  /** Forgets what an event puts an end to, which is about to be told. */
  end(event: StoreEvent): void {
    if (event.type === 'gap') this.#endAll(event.at);
    else if ('index' in event) this.endAttempt(event.index, event.at);
  }

  /** Forgets what was told of an upload until then. Ends come two ways, so a newer one may be heard first. */
  endAttempt(index: number, at: number): void {
    const overUntil = Math.max(at, this.#endedAt.get(index) ?? at);
    if ((this.#untold.get(index)?.at ?? at) <= overUntil) this.#untold.delete(index);
    this.#endedAt.delete(index);
    this.#endedAt.set(index, overUntil);
    for (const [oldest, endedAt] of this.#endedAt) {
      if (this.#endedAt.size <= mostEnds) return;
      this.#endedAt.delete(oldest);
      this.#overUntil = Math.max(this.#overUntil, endedAt);
    }
  }

  /** Hands out what there is to tell of the upload that has waited for it longest. */
  take(): UploadProgress | undefined {
    for (const [index, progress] of this.#untold) {
      this.#untold.delete(index);
      return progress;
    }
    return undefined;
  }

  /** What a gap has swallowed may have been the end of any. */
  #endAll(at: number): void {
    this.#untold.clear();
    this.#endedAt.clear();
    this.#overUntil = Math.max(this.#overUntil, at);
  }
}

import type { HearProgressOptions, ProgressEnd, UploadProgress } from '@imgferry/core';

/** Those who hear how far the uploads of a job are. */
export class ProgressListeners {
  readonly #listeners = new Map<string, Set<HearProgressOptions>>();

  /** Until the signal aborts. */
  add(listener: HearProgressOptions): void {
    const { jobId, signal } = listener;
    if (signal.aborted) return;
    const others = this.#listeners.get(jobId) ?? new Set();
    this.#listeners.set(jobId, others.add(listener));
    signal.addEventListener('abort', () => this.#remove(listener), { once: true });
  }

  tell(progress: UploadProgress): void {
    for (const { heard } of this.#listeners.get(progress.jobId) ?? []) heard(progress);
  }

  tellEnd(end: ProgressEnd): void {
    for (const { ended } of this.#listeners.get(end.jobId) ?? []) ended(end);
  }

  /** Ends all hearing. */
  clear(): void {
    this.#listeners.clear();
  }

  #remove(listener: HearProgressOptions): void {
    const others = this.#listeners.get(listener.jobId);
    others?.delete(listener);
    if (others?.size === 0) this.#listeners.delete(listener.jobId);
  }
}

import type { HistoryEntry } from './history-entry.ts';

/** Is told from where to read on. */
export type Wake = (place: string) => void;

/** Those who wait for the history to go on: for anything, or for what happens to one job. */
export class Sleepers {
  readonly #ofAll = new Set<Wake>();
  readonly #ofJobs = new Map<string, Set<Wake>>();

  get isEmpty(): boolean {
    return this.#ofAll.size === 0 && this.#ofJobs.size === 0;
  }

  /** Until it is taken back by the function that this answers. */
  add(jobId: string | undefined, wake: Wake): () => void {
    if (jobId === undefined) {
      this.#ofAll.add(wake);
      return () => this.#ofAll.delete(wake);
    }
    const sleepers = this.#ofJobs.get(jobId) ?? new Set();
    this.#ofJobs.set(jobId, sleepers.add(wake));
    return () => {
      if (sleepers.delete(wake) && sleepers.size === 0) this.#ofJobs.delete(jobId);
    };
  }

  /** Wakes those whom an entry concerns; `place` is that before it. */
  wake({ events }: HistoryEntry, place: string): void {
    for (const wake of [...this.#ofAll]) wake(place);
    if (this.#ofJobs.size === 0) return;
    for (const event of events)
      if ('jobId' in event) for (const wake of [...(this.#ofJobs.get(event.jobId) ?? [])]) wake(place);
  }

  wakeAll(place: string): void {
    for (const wakes of [this.#ofAll, ...this.#ofJobs.values()]) for (const wake of [...wakes]) wake(place);
  }
}

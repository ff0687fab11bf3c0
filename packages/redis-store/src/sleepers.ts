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
    wakeEach(this.#ofAll, place);
    if (this.#ofJobs.size === 0) return;
    for (const event of events)
      if ('jobId' in event) this.#wakeOfJob(event.jobId, place);
      else this.wakeAll(place);
  }

  wakeAll(place: string): void {
    wakeEach(this.#ofAll, place);
    for (const jobId of [...this.#ofJobs.keys()]) this.#wakeOfJob(jobId, place);
  }

  #wakeOfJob(jobId: string, place: string): void {
    const sleepers = this.#ofJobs.get(jobId);
    if (sleepers === undefined) return;
    this.#ofJobs.delete(jobId);
    wakeEach(sleepers, place);
  }
}

/** Each is woken once. */
function wakeEach(sleepers: Set<Wake>, place: string): void {
  const wakes = [...sleepers];
  sleepers.clear();
  for (const wake of wakes) wake(place);
}

/** Is told where to read on. */
type Wake = (position: number) => void;

/** Those who have read the history to its end and wait for more of it: of one job, or of all. */
export class Sleepers {
  readonly #ofAll = new Set<Wake>();
  readonly #ofJobs = new Map<string, Set<Wake>>();

  /**
   * Resolves with where to read on: the position of the next event that is asked for. What was passed over meanwhile is
   * of other jobs. On abort it is where the sleep began.
   */
  sleep(jobId: string | undefined, position: number, signal: AbortSignal): Promise<number> {
    return new Promise((resolve) => {
      const wake = (at: number): void => {
        signal.removeEventListener('abort', abort);
        this.#remove(jobId, wake);
        resolve(at);
      };
      const abort = (): void => wake(position);
      signal.addEventListener('abort', abort);
      this.#add(jobId, wake);
    });
  }

  /** There is an event of a job. */
  wake(jobId: string, position: number): void {
    for (const wake of [...this.#ofAll]) wake(position);
    for (const wake of [...(this.#ofJobs.get(jobId) ?? [])]) wake(position);
  }

  /** There is one that is of no job, or no more of any. */
  wakeAll(position: number): void {
    for (const wake of [...this.#ofAll]) wake(position);
    for (const jobId of [...this.#ofJobs.keys()]) this.wake(jobId, position);
  }

  #add(jobId: string | undefined, wake: Wake): void {
    if (jobId === undefined) this.#ofAll.add(wake);
    else this.#ofJobs.set(jobId, (this.#ofJobs.get(jobId) ?? new Set()).add(wake));
  }

  #remove(jobId: string | undefined, wake: Wake): void {
    if (jobId === undefined) return void this.#ofAll.delete(wake);
    const others = this.#ofJobs.get(jobId);
    others?.delete(wake);
    if (others?.size === 0) this.#ofJobs.delete(jobId);
  }
}

import type { JobRecord } from './job-record.ts';
import { TimeHeap } from './time-heap.ts';

interface Entry {
  readonly position: number;
  readonly createdAt: number;
  job: JobRecord | undefined;
}

/** All jobs that are known, by id and in the order of their creation. */
export class Jobs {
  readonly #byId = new Map<string, Entry>();
  readonly #live = new TimeHeap<JobRecord>();
  #inOrder: Entry[] = [];
  #created = 0;

  get size(): number {
    return this.#byId.size;
  }

  /** How many are not complete. */
  get liveCount(): number {
    return this.#live.size;
  }

  /** The one that is unfinished and was created first. */
  get oldestLive(): JobRecord | undefined {
    return this.#live.first?.item;
  }

  /** The position that the next job will have. */
  get end(): number {
    return this.#created;
  }

  get(id: string): JobRecord | undefined {
    return this.#byId.get(id)?.job;
  }

  add(job: JobRecord): void {
    const entry = { position: this.#created, createdAt: job.createdAt, job };
    this.#created += 1;
    this.#byId.set(job.id, entry);
    this.#inOrder.push(entry);
    this.setLive(job, true);
  }

  setLive(job: JobRecord, live: boolean): void {
    if (live) this.#live.set(job, job.createdAt);
    else this.#live.delete(job);
  }

  delete(job: JobRecord): void {
    const entry = this.#byId.get(job.id);
    if (entry === undefined) return;
    this.#byId.delete(job.id);
    entry.job = undefined;
    const removed = this.#inOrder.length - this.#byId.size;
    // Closing all gaps once half of the places are gaps moves each job once on average.
    if (removed > this.#byId.size)
      this.#inOrder = this.#inOrder.filter(({ job: kept }) => kept !== undefined);
  }

  /** Jobs that were created before a position, newest first, each with its own. */
  *before(position: number): Generator<{ readonly position: number; readonly job: JobRecord }> {
    for (let place = this.#first((entry) => entry.position >= position) - 1; place >= 0; place -= 1) {
      const entry = this.#inOrder[place];
      if (entry?.job !== undefined) yield { position: entry.position, job: entry.job };
    }
  }

  /** The position of the first job that was created at a time or later. */
  positionAt(timeMs: number): number {
    return this.#inOrder[this.#first(({ createdAt }) => createdAt >= timeMs)]?.position ?? this.#created;
  }

  /** The place of the first entry of which something holds that holds of all after it. */
  #first(holds: (entry: Entry) => boolean): number {
    let low = 0;
    let high = this.#inOrder.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const entry = this.#inOrder[middle];
      if (entry !== undefined && !holds(entry)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

import type { ProgressView } from '../src/views/index.ts';

/** How far an upload is that is being sent. */
export type Sent = Pick<ProgressView, 'sentBytes' | 'totalBytes'>;

/**
 * How far those uploads are that somebody shows. Events come for every upload of a job, many in a second; who shows one
 * is told of it alone, once for each picture that the screen makes, and what nobody shows is not kept.
 */
export class SentUploads {
  readonly #frame: (task: () => void) => unknown;
  readonly #shown = new Map<string, { sent: Sent | undefined; readonly tell: () => void }>();
  readonly #changed = new Set<string>();

  constructor(frame: (task: () => void) => unknown) {
    this.#frame = frame;
  }

  /** An upload is shown until the answer is called. One place shows it, and no second one. */
  show(jobId: string, index: number, tell: () => void): () => void {
    const key = keyOf(jobId, index);
    const shown = { sent: undefined, tell };
    this.#shown.set(key, shown);
    return () => {
      if (this.#shown.get(key) === shown) this.#shown.delete(key);
    };
  }

  of(jobId: string, index: number): Sent | undefined {
    return this.#shown.get(keyOf(jobId, index))?.sent;
  }

  hear({ jobId, index, sentBytes, totalBytes }: ProgressView): void {
    const key = keyOf(jobId, index);
    const shown = this.#shown.get(key);
    if (shown === undefined) return;
    shown.sent = { sentBytes, totalBytes };
    if (this.#changed.size === 0) this.#frame(() => this.#tell());
    this.#changed.add(key);
  }

  /** What a connection has told is old when another begins. */
  forget(): void {
    for (const shown of this.#shown.values()) shown.sent = undefined;
  }

  #tell(): void {
    const changed = [...this.#changed];
    this.#changed.clear();
    for (const key of changed) this.#shown.get(key)?.tell();
  }
}

function keyOf(jobId: string, index: number): string {
  return `${jobId}/${index}`;
}

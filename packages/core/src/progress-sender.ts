import type { Lease } from './lease.ts';
import type { Store } from './store.ts';
import type { LeaseProgress } from './upload-progress.ts';

/** The shortest time between two calls. An upload that takes less is told of by its outcome. */
const everyMs = 250;
/** So much a timer may come too early. */
const tolerantMs = 2;

/**
 * Sends the store how far the uploads are that run here: in one call the newest of all that have moved. A hint, so what
 * does not arrive is not sent again, and nobody waits for it.
 */
export class ProgressSender {
  readonly #store: Pick<Store, 'tellProgress'>;
  /** When each began to move, by token and `performance.now()`. */
  readonly #since = new Map<number, number>();
  /** What was not sent yet, by token. */
  readonly #unsent = new Map<number, LeaseProgress>();
  /** Until the next call; there is none while nothing moves. */
  #timer: NodeJS.Timeout | undefined;
  #isSending = false;
  #isStopped = false;

  constructor(store: Pick<Store, 'tellProgress'>) {
    this.#store = store;
  }

  moved(progress: LeaseProgress): void {
    if (this.#isStopped) return;
    const { token } = progress.lease;
    this.#unsent.set(token, progress);
    if (!this.#since.has(token)) this.#since.set(token, performance.now());
    this.#setTimer();
  }

  /** Nothing more of it is sent. */
  ended({ token }: Lease): void {
    this.#since.delete(token);
    this.#unsent.delete(token);
    if (this.#unsent.size === 0) this.#clearTimer();
  }

  /** Sends nothing more at all. */
  stop(): void {
    this.#isStopped = true;
    this.#unsent.clear();
    this.#clearTimer();
  }

  #setTimer(): void {
    if (this.#isSending || this.#unsent.size === 0) return;
    this.#timer ??= setTimeout(() => void this.#send(), everyMs);
  }

  #clearTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #send(): Promise<void> {
    this.#timer = undefined;
    const progress = this.#take();
    if (progress.length > 0) {
      this.#isSending = true;
      try {
        await this.#store.tellProgress(progress);
      } catch {}
      this.#isSending = false;
    }
    this.#setTimer();
  }

  /** What has moved of those that take a while. */
  #take(): readonly LeaseProgress[] {
    const began = performance.now() - everyMs + tolerantMs;
    const due = [...this.#unsent].filter(([token]) => (this.#since.get(token) ?? began) <= began);
    for (const [token] of due) this.#unsent.delete(token);
    return due.map(([, progress]) => progress);
  }
}

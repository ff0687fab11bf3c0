/** Reads a web stream. Leaving early cancels it at once, also while a read is waiting. */
export function chunksOf(stream: ReadableStream<Uint8Array>): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
      const reader = stream.getReader();
      return {
        async next() {
          const { done, value } = await reader.read();
          return done ? { done, value: undefined } : { done, value };
        },
        async return() {
          await reader.cancel();
          return { done: true, value: undefined };
        },
      };
    },
  };
}

/** When the reader of a web stream counts as gone although it has not said so. */
export interface ReaderLimits {
  /** For how long it may ask for nothing, in milliseconds. */
  readonly stallTimeoutMs: number;
  /** Aborts when it leaves. */
  readonly signal: AbortSignal;
}

/**
 * Makes a web stream that asks for nothing before its reader does. Cancelling it ends the iteration, and so does a
 * reader that is gone by the limits.
 */
export function streamOf(
  chunks: AsyncIterable<string | Uint8Array>,
  limits?: ReaderLimits,
): ReadableStream<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  const leave = (): void => void iterator.return?.().catch(() => {});
  let watch: ReaderWatch | undefined;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        if (limits === undefined) return;
        watch = new ReaderWatch(limits, (reason) => {
          leave();
          // A server that hears of it as well cancels in this same turn, and has nothing to be told.
          setTimeout(() => controller.error(reason));
        });
      },
      async pull(controller) {
        watch?.isHere();
        const { done, value } = await iterator.next().catch((error: unknown) => {
          watch?.end();
          throw error;
        });
        if (watch?.isOver) return;
        if (done) {
          watch?.end();
          controller.close();
        } else {
          watch?.wait();
          controller.enqueue(typeof value === 'string' ? encoder.encode(value) : value);
        }
      },
      async cancel() {
        watch?.end();
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}

/** Looks after the reader of one stream. */
class ReaderWatch {
  readonly #limits: ReaderLimits;
  readonly #onGone: (reason: unknown) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;

  constructor(limits: ReaderLimits, onGone: (reason: unknown) => void) {
    this.#limits = limits;
    this.#onGone = onGone;
    limits.signal.addEventListener('abort', this.#abort);
    if (limits.signal.aborted) queueMicrotask(this.#abort);
    this.wait();
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** It has what it asked for and is to come back. */
  wait(): void {
    const { stallTimeoutMs } = this.#limits;
    const reason = `nothing was read for ${stallTimeoutMs} ms`;
    this.#timer = setTimeout(() => this.#gone(new Error(reason)), stallTimeoutMs);
  }

  isHere(): void {
    clearTimeout(this.#timer);
  }

  end(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#limits.signal.removeEventListener('abort', this.#abort);
  }

  readonly #abort = (): void => this.#gone(this.#limits.signal.reason);

  #gone(reason: unknown): void {
    if (this.#isOver) return;
    this.end();
    this.#onGone(reason);
  }
}

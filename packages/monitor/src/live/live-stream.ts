import { version } from '@imgferry/core';
import type { Role } from '../access/visitor.ts';
import type { Readings } from '../read/readings.ts';
import type { LiveEvents, ProgressView } from '../views/index.ts';
import type { Sighting } from './shared-look.ts';
import type { Watch, Watches } from './watches.ts';
import { scriptName } from '#page';

/** After how long without an event a stream says that it is still there, in milliseconds. */
const heartbeatMs = 15_000;
/** Of so many uploads the progress waits for a reader who is slow. */
const mostProgress = 500;

const encoder = new TextEncoder();

/** What a stream needs. */
export interface LiveStreamParts {
  readonly watches: Watches;
  readonly watched: readonly Watch[];
  readonly role: Role;
  readonly clock: Pick<Readings, 'now' | 'knowTime'>;
  /** Its signal aborts when the reader has left. Kept whole: a request that is collected tells its signal nothing more. */
  readonly request: Request;
  /** Called once, when it is over, however it ended. */
  readonly onEnd: () => void;
}

/**
 * What somebody watches, as server-sent events (WHATWG HTML, 9.2). Nothing is written before the reader has taken what
 * came before; meanwhile of each watch the newest waits and nothing else, so a slow reader skips what is between.
 */
export class LiveStream {
  readonly body: ReadableStream<Uint8Array>;
  readonly #parts: LiveStreamParts;
  readonly #seen = new Map<string, Sighting>();
  readonly #progress = new Map<string, ProgressView>();
  readonly #leave: readonly (() => void)[];
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #isGreeted = false;
  #isOver = false;
  #wake: () => void = () => {};

  constructor(parts: LiveStreamParts) {
    this.#parts = parts;
    this.body = new ReadableStream(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: (controller) => this.#pull(controller),
        cancel: () => this.end(),
      },
      { highWaterMark: 0 },
    );
    this.#leave = parts.watched.map((watch) => this.#watch(watch));
    const { signal } = parts.request;
    signal.addEventListener('abort', this.end, { once: true });
    if (signal.aborted) this.end();
  }

  /** Ends it, from whichever side. */
  readonly end = (): void => {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const leave of this.#leave) leave();
    this.#parts.onEnd();
    this.#wake();
    try {
      this.#controller?.close();
    } catch {
      // Its reader has cancelled it.
    }
  };

  #watch(watch: Watch): () => void {
    return this.#parts.watches.watch(watch, {
      see: (sighting) => {
        this.#seen.set(watch.watch, sighting);
        this.#wake();
      },
      progressed: (progress) => {
        this.#keep(progress);
        this.#wake();
      },
    });
  }

  #keep(progress: ProgressView): void {
    const key = `${progress.jobId} ${progress.index}`;
    if (this.#progress.has(key) || this.#progress.size < mostProgress) this.#progress.set(key, progress);
  }

  async #pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    const next = this.#isGreeted
      ? (this.#next() ?? (await this.#change()) ?? ':\n\n')
      : await this.#greeting();
    if (!this.#isOver) controller.enqueue(encoder.encode(next));
  }

  /** It says what time it is, by the store's clock: ages and countdowns are by what the store tells. */
  async #greeting(): Promise<string> {
    this.#isGreeted = true;
    const { role, clock } = this.#parts;
    await clock.knowTime();
    const hello: LiveEvents['hello'] = { version, script: scriptName, role, now: clock.now() };
    return `retry: 1000\n\n${frame('hello', JSON.stringify(hello))}`;
  }

  /** What waits for the reader: what was seen before how far uploads are. */
  #next(): string | undefined {
    for (const [watch, { event, json }] of this.#seen) {
      this.#seen.delete(watch);
      const value = event === 'change' ? 'value' : 'problem';
      const now = this.#parts.clock.now();
      return frame(event, `{"watch":${JSON.stringify(watch)},"now":${now},"${value}":${json}}`);
    }
    for (const [key, progress] of this.#progress) {
      this.#progress.delete(key);
      return frame('progress', JSON.stringify(progress));
    }
    return undefined;
  }

  /** What comes next; `undefined` when nothing has come for so long that the reader has to be told that we are there. */
  #change(): Promise<string | undefined> {
    return new Promise((resolve) => {
      const settle = (): void => {
        clearTimeout(timer);
        this.#wake = () => {};
        resolve(this.#next());
      };
      const timer = setTimeout(settle, heartbeatMs);
      this.#wake = settle;
    });
  }
}

/** JSON has no line ends of its own, so one `data` line is enough. */
function frame(event: keyof LiveEvents, json: string): string {
  return `event: ${event}\ndata: ${json}\n\n`;
}

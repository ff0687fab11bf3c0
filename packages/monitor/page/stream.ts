import type { LiveEvents, ProgressView } from '../src/views/index.ts';

/** What a stream tells. */
export interface StreamHears {
  readonly hello: (data: Hello) => void;
  readonly change: (data: LiveEvents['change']) => void;
  readonly trouble: (data: LiveEvents['trouble']) => void;
  readonly progress: (data: ProgressView) => void;
  /** The connection broke, or the answer was no stream. */
  readonly error: () => void;
}

/** With the time at the server, where it tells it. */
export type Hello = LiveEvents['hello'] & { readonly now?: number };

const CLOSED = 2;

/** One EventSource. Once it was closed nothing of it is heard any more. */
export class Stream {
  readonly paths: readonly string[];
  readonly #source: EventSource;
  #isClosed = false;

  constructor(open: (url: string) => EventSource, paths: readonly string[], hears: StreamHears) {
    this.paths = paths;
    this.#source = open(`api/${streamOf(paths)}`);
    this.#on('hello', hears.hello);
    this.#on('change', hears.change);
    this.#on('trouble', hears.trouble);
    this.#on('progress', hears.progress);
    this.#source.addEventListener('error', () => this.#isClosed || hears.error());
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** A browser tries again by itself after a broken connection, and not after an answer that is no stream. */
  get isGivenUp(): boolean {
    return this.#source.readyState === CLOSED;
  }

  close(): void {
    this.#isClosed = true;
    this.#source.close();
  }

  #on<Data>(name: string, hear: (data: Data) => void): void {
    this.#source.addEventListener(name, ({ data }: MessageEvent<string>) => {
      if (!this.#isClosed) hear(JSON.parse(data) as Data);
    });
  }
}

/** Below `api/`, as every path of the page. */
export function streamOf(paths: readonly string[]): string {
  return `live?${new URLSearchParams(paths.map((path) => ['watch', path]))}`;
}

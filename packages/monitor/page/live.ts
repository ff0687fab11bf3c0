import { Backoff } from './backoff.ts';
import { Clock } from './clock.ts';
import { type Connection, isTrouble } from './connection.ts';
import { Heard } from './heard.ts';
import type { Problem, Reading } from './reading.ts';
import { SentUploads } from './sent.ts';
import { type Hello, Stream, streamOf } from './stream.ts';
import { tell } from './tell.ts';
import { Watches } from './watches.ts';

/** What `Live` needs of a browser. */
export interface LiveSurroundings {
  readonly open: (url: string) => EventSource;
  /** What a plain request below `api/` is answered with, undefined without an answer: an EventSource does not tell. */
  readonly ask: (path: string) => Promise<Problem | undefined>;
  /** Told of the script that the server has for the page now. */
  readonly served: (script: string) => void;
  readonly later: (task: () => void, ms: number) => unknown;
  /** Before the screen is drawn the next time. */
  readonly frame: (task: () => void) => unknown;
}

/** Everything the page shows, over one stream, which is opened anew when the page shows something else. */
export class Live {
  readonly clock: Clock;
  readonly sent: SentUploads;
  readonly #surroundings: LiveSurroundings;
  readonly #watches = new Watches();
  readonly #heard: Heard;
  readonly #backoff = new Backoff();
  readonly #stateListeners = new Set<() => void>();
  #connection: Connection = { state: 'connecting' };
  #role: 'read' | 'write' = 'read';
  #isBehind = false;
  #stream: Stream | undefined;
  #watched = '';
  #reopening = false;
  #resting = false;

  constructor(surroundings: LiveSurroundings, clock: Clock = new Clock()) {
    this.#surroundings = surroundings;
    this.clock = clock;
    this.#heard = new Heard(clock);
    this.sent = new SentUploads(surroundings.frame);
  }

  get connection(): Connection {
    return this.#connection;
  }

  get role(): 'read' | 'write' {
    return this.#role;
  }

  /** When the server was heard last, by its clock. */
  get heardAt(): number | undefined {
    return this.#heard.at;
  }

  /** The server is there, and of something that is watched it can not tell how it is now. */
  get isBehind(): boolean {
    return this.#isBehind;
  }

  read(path: string): Reading {
    return this.#watches.read(path);
  }

  /** Watches a path until the answer is called. */
  watch(path: string, listener: () => void): () => void {
    const leave = this.#watches.add(path, listener);
    this.#reopenSoon();
    return () => {
      leave();
      this.#lookWhetherBehind();
      this.#reopenSoon();
    };
  }

  /** Hears of the connection, the role, and whether what is shown is behind. */
  onState(listener: () => void): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  /** Nobody sees the page: a browser has few connections to a server, over all tabs. */
  rest(): void {
    this.#resting = true;
    this.#reopenSoon();
    if (this.#connection.state !== 'refused') this.#become({ state: 'resting' });
  }

  /** Begins anew: somebody sees the page again, or a connection may have died without a word. */
  reconnect(): void {
    this.#resting = false;
    this.#watched = '';
    this.#reopenSoon();
  }

  /** Pages that change ask for one thing after another: the stream is opened once for all of them. */
  #reopenSoon(): void {
    if (this.#reopening) return;
    this.#reopening = true;
    this.#surroundings.later(() => {
      this.#reopening = false;
      this.#reopen();
    }, 0);
  }

  #reopen(): void {
    const paths = this.#resting ? [] : this.#watches.paths;
    const watched = paths.join('\n');
    if (watched === this.#watched) return;
    this.#watched = watched;
    this.#stream?.close();
    this.#stream = paths.length === 0 ? undefined : this.#open(paths);
  }

  #open(paths: readonly string[]): Stream {
    this.sent.forget();
    this.#heard.begin();
    const stream = new Stream(this.#surroundings.open, paths, {
      hello: (data) => this.#greet(data),
      change: ({ watch, now, value }) =>
        this.#hear(watch, now, () => this.#watches.keep(watch, { value, at: now, problem: undefined })),
      trouble: ({ watch, now, problem }) =>
        this.#hear(watch, now, () => this.#watches.trouble(watch, problem)),
      progress: (data) => this.sent.hear(data),
      error: () => this.#lose(stream),
    });
    return stream;
  }

  #greet({ script, role, now }: Hello): void {
    this.#surroundings.served(script);
    if (now !== undefined) this.#heard.time(now);
    this.#backoff.succeed();
    const roleChanged = role !== this.#role;
    this.#role = role;
    if (this.#connection.state !== 'live' || roleChanged) this.#become({ state: 'live' });
  }

  #hear(path: string, now: number, keep: () => void): void {
    this.#heard.of(path, now);
    keep();
    this.#lookWhetherBehind();
  }

  #lookWhetherBehind(): void {
    if (this.#watches.areBehind === this.#isBehind) return;
    this.#isBehind = !this.#isBehind;
    tell(this.#stateListeners);
  }

  #lose(stream: Stream): void {
    if (!isTrouble(this.#connection)) this.#become({ state: 'lost', since: this.clock.now() });
    if (stream.isGivenUp) void this.#askWhy(stream);
  }

  async #askWhy(stream: Stream): Promise<void> {
    const { status, detail } = (await this.#surroundings.ask(streamOf(stream.paths))) ?? {};
    if (stream.isClosed) return;
    if (status === 401 || status === 403) return this.#become({ state: 'refused', status });
    if (status === 400 && (await this.#foundUnwatchable(stream))) return this.reconnect();
    if (status === 503 && detail !== undefined) this.#become({ state: 'full', reason: detail });
    this.#surroundings.later(() => stream.isClosed || this.reconnect(), this.#backoff.next());
  }

  /** One address that somebody mistyped must not take the connection from everything else. */
  async #foundUnwatchable({ paths }: Stream): Promise<boolean> {
    let found = false;
    for (const path of paths) {
      const answer = await this.#surroundings.ask(streamOf([path]));
      if (answer?.status !== 400 || !this.#watches.has(path)) continue;
      this.#watches.giveUp(path, answer);
      found = true;
    }
    this.#lookWhetherBehind();
    return found;
  }

  #become(connection: Connection): void {
    this.#connection = connection;
    tell(this.#stateListeners);
  }
}

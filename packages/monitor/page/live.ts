import type { LiveEvents, ProgressView } from '../src/views/index.ts';
import { Clock } from './clock.ts';
import { SentUploads } from './sent.ts';

/** What is known of one path below `api/`. */
export interface Reading<Value = unknown> {
  readonly value: Value | undefined;
  /** When the server said so; undefined while it has said nothing. */
  readonly at: number | undefined;
  /** Why it could not be read the last time. The value is then the one before. */
  readonly problem: Problem | undefined;
}

/** Why something can not be read, as far as the page says it. */
export interface Problem {
  readonly status: number;
  readonly title: string;
  readonly detail?: string;
}

export type Connection =
  | { readonly state: 'connecting' }
  | { readonly state: 'live' }
  /** Closed while nobody sees the page. */
  | { readonly state: 'resting' }
  /** Trying again by itself. `since` by the server's clock. */
  | { readonly state: 'lost'; readonly since: number }
  /** The server has no room for one more who watches, in its words. Trying again by itself. */
  | { readonly state: 'full'; readonly reason: string }
  /** The server wants nothing to do with us: 401 or 403. */
  | { readonly state: 'refused'; readonly status: number };

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

/** With the time at the server, where it tells it. */
type Hello = LiveEvents['hello'] & { readonly now?: number };

const UNREAD: Reading = { value: undefined, at: undefined, problem: undefined };
const CLOSED = 2;
const LONGEST_PAUSE_MS = 10_000;
const KEPT_READINGS = 30;

/**
 * Everything the page shows, over one EventSource. It watches what its listeners ask for and is opened anew when that
 * changes; what was read before stays until something newer comes, so that going back shows something at once.
 */
export class Live {
  readonly clock: Clock;
  readonly sent: SentUploads;
  readonly #surroundings: LiveSurroundings;
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #readings = new Map<string, Reading>();
  readonly #stateListeners = new Set<() => void>();
  #connection: Connection = { state: 'connecting' };
  #role: 'read' | 'write' = 'read';
  #heardAt: number | undefined;
  #isBehind = false;
  /** What this stream has told of. The first word of a path may be a repetition, with the time at which it was new. */
  readonly #toldOf = new Set<string>();
  #knowsTime = false;
  #source: EventSource | undefined;
  #watched = '';
  /** What the server says can not be watched, while somebody wants to. */
  readonly #unwatchable = new Set<string>();
  #reopening = false;
  #resting = false;
  #pauseMs = 1_000;

  constructor(surroundings: LiveSurroundings, clock: Clock = new Clock()) {
    this.#surroundings = surroundings;
    this.clock = clock;
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
    return this.#heardAt;
  }

  /** The server is there, and of something that is watched it can not tell how it is now. */
  get isBehind(): boolean {
    return this.#isBehind;
  }

  read(path: string): Reading {
    return this.#readings.get(path) ?? UNREAD;
  }

  /** Watches a path until the answer is called. */
  watch(path: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(path) ?? new Set();
    this.#listeners.set(path, listeners.add(listener));
    this.#reopenSoon();
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(path) === listeners) this.#leave(path);
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

  #leave(path: string): void {
    this.#listeners.delete(path);
    this.#unwatchable.delete(path);
    this.#lookWhetherBehind();
  }

  /** Pages that change ask for one thing after another: the connection is opened once for all of them. */
  #reopenSoon(): void {
    if (this.#reopening) return;
    this.#reopening = true;
    this.#surroundings.later(() => {
      this.#reopening = false;
      this.#reopen();
    }, 0);
  }

  #reopen(): void {
    const paths = this.#resting
      ? []
      : [...this.#listeners.keys()].filter((path) => !this.#unwatchable.has(path)).toSorted();
    const watched = paths.join('\n');
    if (watched === this.#watched) return;
    this.#watched = watched;
    this.#source?.close();
    this.#source = undefined;
    if (paths.length > 0) this.#open(paths);
  }

  #open(paths: readonly string[]): void {
    this.sent.forget();
    this.#toldOf.clear();
    const path = streamOf(paths);
    const source = this.#surroundings.open(`api/${path}`);
    this.#source = source;
    const on = (name: string, hear: (data: never) => void): void =>
      source.addEventListener(name, (event: MessageEvent<string>) => {
        if (source === this.#source) hear(JSON.parse(event.data) as never);
      });
    on('hello', (data: Hello) => this.#greet(data));
    on('change', (data: LiveEvents['change']) => this.#change(data));
    on('trouble', (data: LiveEvents['trouble']) => this.#trouble(data));
    on('progress', (data: ProgressView) => this.sent.hear(data));
    source.addEventListener('error', () => {
      if (source === this.#source) this.#lose(source, path);
    });
  }

  #greet({ script, role, now }: Hello): void {
    this.#surroundings.served(script);
    if (now !== undefined) this.#setClock(now);
    this.#pauseMs = 1_000;
    const roleChanged = role !== this.#role;
    this.#role = role;
    if (this.#connection.state !== 'live' || roleChanged) this.#become({ state: 'live' });
  }

  #change({ watch, now, value }: LiveEvents['change']): void {
    this.#hear(watch, now);
    this.#keep(watch, { value, at: now, problem: undefined });
  }

  #trouble({ watch, now, problem }: LiveEvents['trouble']): void {
    this.#hear(watch, now);
    this.#keep(watch, { ...this.read(watch), problem });
  }

  #hear(watch: string, now: number): void {
    if (this.#toldOf.has(watch) || !this.#knowsTime) this.#setClock(now);
    this.#toldOf.add(watch);
    this.#heardAt = now;
  }

  #setClock(now: number): void {
    this.clock.hear(now);
    this.#knowsTime = true;
  }

  #keep(path: string, reading: Reading): void {
    this.#readings.delete(path);
    this.#readings.set(path, reading);
    if (this.#readings.size > KEPT_READINGS) this.#forgetOldest();
    tell(this.#listeners.get(path));
    this.#lookWhetherBehind();
  }

  #lookWhetherBehind(): void {
    const isBehind = [...this.#listeners.keys()].some(
      (path) => (this.read(path).problem?.status ?? 0) >= 500,
    );
    if (isBehind === this.#isBehind) return;
    this.#isBehind = isBehind;
    tell(this.#stateListeners);
  }

  #forgetOldest(): void {
    for (const path of this.#readings.keys())
      if (!this.#listeners.has(path)) return void this.#readings.delete(path);
  }

  /** A browser tries again by itself after a broken connection, and not after an answer that is no stream. */
  #lose(source: EventSource, path: string): void {
    if (!['lost', 'full', 'refused'].includes(this.#connection.state))
      this.#become({ state: 'lost', since: this.clock.now() });
    if (source.readyState === CLOSED) void this.#askWhy(source, path);
  }

  async #askWhy(source: EventSource, path: string): Promise<void> {
    const { status, detail } = (await this.#surroundings.ask(path)) ?? {};
    if (source !== this.#source) return;
    if (status === 401 || status === 403) return this.#become({ state: 'refused', status });
    if (status === 400 && (await this.#foundUnwatchable())) return this.reconnect();
    if (status === 503 && detail !== undefined) this.#become({ state: 'full', reason: detail });
    this.#surroundings.later(() => {
      if (source === this.#source) this.reconnect();
    }, this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
  }

  /** One address that somebody mistyped must not take the connection from everything else. */
  async #foundUnwatchable(): Promise<boolean> {
    const before = this.#unwatchable.size;
    for (const path of this.#watched.split('\n')) {
      const answer = await this.#surroundings.ask(streamOf([path]));
      if (answer?.status !== 400 || !this.#listeners.has(path)) continue;
      this.#unwatchable.add(path);
      this.#keep(path, { ...this.read(path), problem: answer });
    }
    return this.#unwatchable.size > before;
  }

  #become(connection: Connection): void {
    this.#connection = connection;
    tell(this.#stateListeners);
  }
}

/** Below `api/`, as every path here. */
function streamOf(paths: readonly string[]): string {
  return `live?${new URLSearchParams(paths.map((path) => ['watch', path]))}`;
}

function tell(listeners: ReadonlySet<() => void> | undefined): void {
  for (const listener of [...(listeners ?? [])]) listener();
}

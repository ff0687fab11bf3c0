import { type Logger, type Store, silentLogger, Uploader, type UploaderOptions } from '@imgferry/core';
import {
  createFakeHost,
  createFakeSource,
  type FakeHost,
  type FakeSource,
  sampleImages,
} from '@imgferry/core/testing';
import { toNodeHandler } from '@imgferry/http-adapter';
import { MemoryStore } from '@imgferry/memory-store';
import { type Connection, createMonitor, type Monitor, type MonitorOptions } from '@imgferry/monitor';
import { heldToTheDocument } from './contract.ts';
import { type Listening, listen } from './listen.ts';

/** A monitor of an uploader that works, with everything inside this process. */
export interface Scene {
  readonly uploader: Uploader;
  readonly store: Store;
  readonly source: FakeSource;
  readonly host: FakeHost;
  readonly monitor: Monitor;
  /** What was logged, each line as its level and its facts. */
  readonly logged: { readonly level: string; readonly facts: object }[];
  /** Asks the monitor, from this machine, unless said otherwise. The answer is held against the document. */
  ask(path: string, init?: RequestInit): Promise<Response>;
  /** The JSON of an answer. */
  read<View>(path: string): Promise<View>;
  /** Sends what the page would send. */
  steer(path: string, body?: unknown): Promise<Response>;
  /** A server that the monitor is mounted on. */
  serve(): Promise<Listening>;
  /** URLs of pictures that the source has. */
  pictures(count: number): string[];
  stop(): Promise<void>;
}

/** What a test changes. */
export interface SceneChanges extends Partial<MonitorOptions> {
  readonly settings?: Omit<Partial<UploaderOptions>, 'store' | 'source' | 'host'>;
  readonly store?: (store: Store) => Partial<Store>;
}

/** A connection from this machine. */
export const here: Connection = { remoteAddress: '127.0.0.1' };

export const origin = 'http://127.0.0.1:5555';

export function createScene({ settings, store: changes, ...options }: SceneChanges = {}): Scene {
  const memory = new MemoryStore();
  const store = withMethods(memory, changes?.(memory) ?? {});
  const source = createFakeSource();
  const host = createFakeHost();
  const uploader = new Uploader({ store, source, host, logger: silentLogger, workerId: 'w-1', ...settings });
  const logged: { level: string; facts: object }[] = [];
  const monitor = createMonitor(uploader, {
    access: { loopback: '127.0.0.1' },
    refreshMs: 100,
    logger: loggerTo(logged),
    ...options,
  });
  const stops: (() => Promise<void>)[] = [];
  const basePath = options.basePath ?? '';
  const ask = heldToTheDocument(
    (path, init) => monitor(new Request(`${origin}${path}`, init), here),
    basePath,
  );
  return {
    uploader,
    store,
    source,
    host,
    monitor,
    logged,
    ask,
    async read<View>(path: string): Promise<View> {
      const answer = await ask(path);
      if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
      return (await answer.json()) as View;
    },
    steer: (path, body) =>
      ask(path, {
        method: 'POST',
        headers: {
          ...pageHeaders,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    async serve() {
      const listening = await listen(toNodeHandler(monitor, { logger: silentLogger }));
      stops.push(() => listening.stop());
      return listening;
    },
    pictures(count) {
      const urls = Array.from({ length: count }, (_, index) => `https://source.example/${index}.png`);
      for (const url of urls) source.set(url, sampleImages['image/png']);
      return urls;
    },
    async stop() {
      for (const stop of stops) await stop();
      await uploader.stop({ timeoutMs: 0 });
      await memory.close();
    },
  };
}

/** What a browser and the page send with a write. */
export const pageHeaders = { 'sec-fetch-site': 'same-origin', origin, 'x-imgferry-monitor': '1' };

function loggerTo(logged: { level: string; facts: object }[]): Logger {
  const at = (level: string) => (facts: object) => void logged.push({ level, facts });
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** A real store, some of whose methods do what a test says. */
function withMethods(store: Store, methods: Partial<Store>): Store {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(methods, name) ?? Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

import { type Store, silentLogger, Uploader, type UploaderOptions } from '@imgferry/core';
import {
  createFakeHost,
  createFakeSource,
  type FakeHost,
  type FakeSource,
  sampleImages,
} from '@imgferry/core/testing';
import { MemoryStore } from '@imgferry/memory-store';

/** An uploader with everything it needs, inside this process. */
export interface Service {
  readonly uploader: Uploader;
  readonly store: Store;
  readonly source: FakeSource;
  readonly host: FakeHost;
  /** Ends what was begun. */
  stop(): Promise<void>;
}

/** What a test changes: settings of the uploader, and methods of the store. */
export interface ServiceChanges {
  readonly settings?: Omit<Partial<UploaderOptions>, 'store' | 'source' | 'host'>;
  readonly store?: (store: Store) => Partial<Store>;
}

export function createService(
  changes: ServiceChanges = {},
  createStore: () => Store = () => new MemoryStore(),
): Service {
  const store = createStore();
  const source = createFakeSource();
  const host = createFakeHost();
  const uploader = new Uploader({
    store: withMethods(store, changes.store?.(store) ?? {}),
    source,
    host,
    logger: silentLogger,
    ...changes.settings,
  });
  return {
    uploader,
    store,
    source,
    host,
    async stop() {
      await uploader.stop({ timeoutMs: 0 });
      await store.close();
    },
  };
}

/** URLs of pictures that the source of a service has. */
export function pictures(source: FakeSource, count: number, site = 'https://source.example'): string[] {
  const urls = Array.from({ length: count }, (_, index) => `${site}/${index}.png`);
  for (const url of urls) source.set(url, sampleImages['image/png']);
  return urls;
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

import { type Logger, type Store, StoreUnavailableError, type Uploader } from '@imgferry/core';
import type { FetchHandlerOptions } from '@imgferry/http-adapter';
import { createService, type Service, type ServiceChanges } from '../a-service.ts';
import { contractOf, heldTo } from '../contract/contract-of.ts';

/** The endpoints, mounted and reachable. */
export interface MountedService {
  readonly origin: string;
  /** @param path From the root, so that it has the prefix. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  stop(): Promise<void>;
}

/** One way to mount the endpoints. */
export interface Mount {
  readonly prefix: string;
  /** A body parser comes first, so that what is wrong with a body as bytes is its business. */
  readonly parsed?: boolean;
  /** A path without an endpoint is passed on, so that what it is answered is the framework's business. */
  readonly passesOn?: boolean;
  start(uploader: Uploader, options: FetchHandlerOptions): Promise<MountedService>;
}

/** What a rule is given: a service of its own, mounted. */
export interface Scene extends Service {
  fetch: MountedService['fetch'];
  /** Of its own pages. */
  readonly origin: string;
  post(body: unknown, headers?: Record<string, string>): Promise<Response>;
  readonly logged: readonly { readonly facts: object; readonly message: string }[];
}

/** What a rule changes of its scene. */
export interface SceneChanges extends ServiceChanges {
  readonly options?: FetchHandlerOptions;
}

/** Sets a scene up, plays it and clears it away. */
export async function onStage(
  { mount, createStore }: { readonly mount: Mount; readonly createStore?: (() => Store) | undefined },
  changes: SceneChanges,
  body: (scene: Scene) => Promise<void>,
): Promise<void> {
  const service = createService(changes, createStore);
  const logged: { facts: object; message: string }[] = [];
  const log: Logger['error'] = (facts, message) => logged.push({ facts, message });
  const options = { logger: { debug: log, info: log, warn: log, error: log }, ...changes.options };
  const contract = await contractOf({ basePath: mount.prefix, ...changes.options });
  const mounted = await mount.start(service.uploader, { basePath: mount.prefix, ...options });
  const fetch = heldTo(contract, mounted.fetch, mount.passesOn === true);
  const post: Scene['post'] = (value, headers) =>
    fetch(`${mount.prefix}/v1/images/upload`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body:
        typeof value === 'string' || value instanceof Uint8Array
          ? new Uint8Array(Buffer.from(value))
          : JSON.stringify(value),
    });
  try {
    await body({ ...service, fetch, origin: mounted.origin, post, logged });
  } finally {
    await mounted.stop();
    await service.stop();
  }
}

/** A method of a store that can not be reached. */
export const gone = async (): Promise<never> => {
  throw new StoreUnavailableError('connect ECONNREFUSED 10.0.0.7:6379', { retryAfterMs: 2_500 });
};

/** An id as jobs have it, of none. */
export const unknownId = '55355b7c-9b86-4a1a-b32e-6cdd6db07183';
export const urls = ['https://source.example/a.png', 'https://source.example/b.png'];

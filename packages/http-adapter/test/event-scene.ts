import { onTestFinished } from 'vitest';

import { type Store, silentLogger } from '@imgferry/core';
import { createFetchHandler, type FetchHandlerOptions } from '@imgferry/http-adapter';
import { createService, type ServiceChanges } from './a-service.ts';
import { clientOf, type EventClient } from './event-client.ts';

/** What a test changes of its scene. */
export interface SceneChanges extends ServiceChanges {
  readonly options?: FetchHandlerOptions;
  readonly createStore?: () => Store;
}

/** The endpoints of a service, and clients of them. They all end with the test. */
export function eventScene({ options, createStore, ...changes }: SceneChanges = {}) {
  const service = createService(changes, createStore);
  const handler = createFetchHandler(service.uploader, { logger: silentLogger, ...options });
  const clients: EventClient[] = [];
  onTestFinished(async () => {
    for (const client of clients) await client.leave().catch(() => {});
    await service.stop();
  });
  const urls = (count: number) => Array.from({ length: count }, (_, at) => `https://source.example/${at}`);
  const signals: AbortSignal[] = [];
  return {
    ...service,
    /** Of the requests so far. */
    signals,
    submit: async (count: number) => (await service.uploader.submit(urls(count))).jobId,
    async open(jobId: string, id?: string, init: RequestInit = {}): Promise<EventClient> {
      const url = `http://service.example/v1/images/upload/${jobId}/events`;
      const headers = id === undefined ? {} : { 'last-event-id': id };
      const request = new Request(url, { headers, ...init });
      signals.push(request.signal);
      const client = clientOf(await handler(request));
      clients.push(client);
      return client;
    },
    get: (path: string, headers: Record<string, string> = {}) =>
      handler(new Request(`http://service.example${path}`, { headers })),
  };
}

import { createServer } from 'node:http';

import { getRequestListener } from '@hono/node-server';

import { createFetchHandler, type FetchHandler, toNodeHandler } from '@imgferry/http-adapter';
import { listen } from './listen.ts';
import { onExpress, onExpressAfterParser } from './snippets/express.ts';
import { onFastify, onFastifyAfterParser } from './snippets/fastify.ts';
import { onHono, onHonoAfterParser } from './snippets/hono.ts';
import { onKoa, onKoaAfterParser } from './snippets/koa.ts';
import { onNodeHttp } from './snippets/node-http.ts';
import type { Mount, MountedService } from './suite/scene.ts';

const prefix = '/images';

type Listener = ReturnType<typeof toNodeHandler>;

/** Everything the endpoints are promised to run on. */
export const mounts: Readonly<Record<string, Mount>> = {
  'the fetch handler itself': { prefix: '', start: startDirectly },
  'the fetch handler under a prefix': { prefix, start: startDirectly },
  'node:http': onServer('', async (handler) => toNodeHandler(handler)),
  'node:http under a prefix': {
    prefix,
    start: async (uploader, options) =>
      serve(await listen(onNodeHttp(createFetchHandler(uploader, options)))),
  },
  'a wrapped handler on node:http': onServer(prefix, async (handler) =>
    toNodeHandler((request) => handler(request)),
  ),
  express: { ...onServer(prefix, async (handler) => onExpress(handler)), passesOn: true },
  'express after a body parser': {
    ...onServer(prefix, async (handler) => onExpressAfterParser(handler)),
    parsed: true,
    passesOn: true,
  },
  fastify: onServer(prefix, async (handler) => routing(onFastify(handler))),
  'fastify after its body parser': {
    ...onServer(prefix, async (handler) => routing(onFastifyAfterParser(handler))),
    parsed: true,
  },
  koa: onServer(prefix, async (handler) => onKoa(handler).callback()),
  'koa after a body parser': {
    ...onServer(prefix, async (handler) => onKoaAfterParser(handler).callback()),
    parsed: true,
  },
  hono: onServer(prefix, async (handler) => honoListener(onHono(handler))),
  'hono after a body parser': {
    ...onServer(prefix, async (handler) => honoListener(onHonoAfterParser(handler))),
    parsed: true,
  },
};

async function startDirectly(...[uploader, options]: Parameters<Mount['start']>): Promise<MountedService> {
  const handler = createFetchHandler(uploader, options);
  return {
    origin: 'http://service.example',
    fetch: (path, init) => handler(new Request(`http://service.example${path}`, init)),
    stop: async () => {},
  };
}

function onServer(mountPrefix: string, listenerOf: (handler: FetchHandler) => Promise<Listener>): Mount {
  return {
    prefix: mountPrefix,
    async start(uploader, options) {
      const listener = await listenerOf(createFetchHandler(uploader, options));
      return serve(await listen(createServer((incoming, outgoing) => void listener(incoming, outgoing))));
    },
  };
}

function serve({ url, stop }: Awaited<ReturnType<typeof listen>>): MountedService {
  return { origin: url, fetch: (path, init) => fetch(`${url}${path}`, init), stop };
}

async function routing(app: ReturnType<typeof onFastify>): Promise<Listener> {
  await app.ready();
  return (incoming, outgoing) => app.routing(incoming, outgoing);
}

function honoListener(app: ReturnType<typeof onHono>): Listener {
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  return (incoming, outgoing) => void listener(incoming, outgoing);
}

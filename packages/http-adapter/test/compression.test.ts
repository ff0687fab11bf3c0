import { createServer } from 'node:http';

import { getRequestListener } from '@hono/node-server';
import compression from 'compression';
import express from 'express';
import { Hono } from 'hono';
import { compress } from 'hono/compress';
import { afterEach, describe, expect, it } from 'vitest';

import { silentLogger } from '@imgferry/core';
import { createFetchHandler, type FetchHandler, toNodeHandler } from '@imgferry/http-adapter';
import { settle } from './a-run.ts';
import { createService } from './a-service.ts';
import { clientOf, typesOf } from './event-client.ts';
import { listen } from './listen.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const behind: Readonly<Record<string, (handler: FetchHandler) => ReturnType<typeof createServer>>> = {
  'compression on express': (handler) => createServer(express().use(compression(), toNodeHandler(handler))),
  'compress on hono': (handler) => {
    const app = new Hono();
    app.use(compress());
    app.all('*', (context) => handler(context.req.raw));
    const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
    return createServer((incoming, outgoing) => void listener(incoming, outgoing));
  },
};

describe.each(Object.keys(behind))('behind %s', (name) => {
  it('events come as they happen, while other answers are compressed', async () => {
    const { uploader, store, stop } = createService();
    closers.push(stop);
    const handler = createFetchHandler(uploader, { logger: silentLogger });
    const server = await listen(behind[name]?.(handler) ?? expect.fail());
    closers.push(() => server.stop());
    const get = (path: string): Promise<Response> =>
      fetch(`${server.url}${path}`, { headers: { 'accept-encoding': 'gzip' } });
    const urls = Array.from({ length: 100 }, (_, at) => `https://source.example/${at}`);
    const { jobId } = await uploader.submit(urls);
    const view = await get(`/v1/images/upload/${jobId}`);
    expect(view.headers.get('content-encoding')).toBe('gzip');
    expect(await view.json()).toMatchObject({ uploaded: { pending: urls } });
    const client = clientOf(await get(`/v1/images/upload/${jobId}/events`));
    expect(client.answer.headers.get('content-encoding')).toBeNull();
    for (let count = 1; count <= 3; count += 1) {
      await settle(store, 1);
      // Nothing more happens until this one has come.
      await client.until(count + 2);
    }
    expect(typesOf(client.parser.events)).toEqual([
      'snapshot',
      'job:started',
      ...Array(3).fill('upload:completed'),
    ]);
    await client.leave();
  });
});

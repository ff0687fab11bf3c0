// #region beside
import { createServer } from 'node:http';

import { Uploader } from '@imgferry/core';
import { createHttpSource } from '@imgferry/core/http-source';
import { createImgurHost } from '@imgferry/core/imgur-host';
import { createFetchHandler, toNodeHandler } from '@imgferry/http-adapter';
import { MemoryStore } from '@imgferry/memory-store';
import { createMonitor } from '@imgferry/monitor';

const store = new MemoryStore();
const source = createHttpSource();
const host = createImgurHost({ clientId: process.env.IMGUR_CLIENT_ID ?? 'your-client-id' });
const uploader = new Uploader({ store, source, host });
uploader.start();

const access = { loopback: '127.0.0.1' };
const stopping = new AbortController();
const { signal } = stopping;
const images = toNodeHandler(createFetchHandler(uploader));
const monitor = toNodeHandler(createMonitor(uploader, { basePath: '/ops', access, signal }));
const server = createServer((request, response) => {
  images(request, response, () => {
    monitor(request, response, () => response.end('the rest of your application\n'));
  });
});
server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1');

/** In this order: who watches, the server, what runs, and what all of them need. */
async function stop(): Promise<void> {
  stopping.abort();
  const closed = new Promise((resolve) => server.close(resolve));
  setTimeout(() => server.closeIdleConnections(), 100);
  await closed;
  await uploader.stop();
  await Promise.all([store.close(), source.close(), host.close()]);
}
// #endregion beside

export const parts = { server, stop, uploader };

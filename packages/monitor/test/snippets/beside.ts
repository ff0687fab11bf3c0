// #region beside
import { createServer } from 'node:http';

import { Uploader } from '@imgferry/core';
import { createHttpSource } from '@imgferry/core/http-source';
import { createImgurHost } from '@imgferry/core/imgur-host';
import { createFetchHandler, toNodeHandler } from '@imgferry/http-adapter';
import { MemoryStore } from '@imgferry/memory-store';
import { createMonitor } from '@imgferry/monitor';

const host = createImgurHost({ clientId: process.env.IMGUR_CLIENT_ID ?? 'your-client-id' });
const uploader = new Uploader({ store: new MemoryStore(), source: createHttpSource(), host });
uploader.start();

const access = { loopback: '127.0.0.1' };
const images = toNodeHandler(createFetchHandler(uploader));
const monitor = toNodeHandler(createMonitor(uploader, { basePath: '/ops', access }));
const server = createServer((request, response) => {
  images(request, response, () => {
    monitor(request, response, () => response.end('the rest of your application\n'));
  });
});
server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1');
// #endregion beside

export const parts = { host, server, uploader };

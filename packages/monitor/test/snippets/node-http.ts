// #region node-http
import { createServer } from 'node:http';

import { toNodeHandler } from '@imgferry/http-adapter';
import { createMonitor } from '@imgferry/monitor';
// The `Uploader` of your application.
import { uploader } from './uploader.ts';

const monitor = createMonitor(uploader, { access: { loopback: '127.0.0.1' } });
const server = createServer(toNodeHandler(monitor));
server.listen(Number(process.env.MONITOR_PORT ?? 5555), '127.0.0.1');
// #endregion node-http

export const parts = { server };

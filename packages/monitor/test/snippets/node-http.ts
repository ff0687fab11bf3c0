import { createServer, type Server } from 'node:http';

import type { Uploader } from '@imgferry/core';
import { toNodeHandler } from '@imgferry/http-adapter';
import { createMonitor } from '@imgferry/monitor';

export function onThisMachine(uploader: Uploader, port = 5555): Server {
  // #region node-http
  const monitor = createMonitor(uploader, { access: { loopback: '127.0.0.1' } });
  const server = createServer(toNodeHandler(monitor)).listen(port, '127.0.0.1');
  // #endregion node-http
  return server;
}

import { createServer, type Server } from 'node:http';

import { type FetchHandler, toNodeHandler } from '@imgferry/http-adapter';

export function onNodeHttp(handler: FetchHandler): Server {
  // #region node-http
  const server = createServer(toNodeHandler(handler));
  // #endregion node-http
  return server;
}

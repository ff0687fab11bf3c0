import { createServer, type Server } from 'node:http';

import type { Store, Uploader } from '@imgferry/core';
import { toNodeHandler } from '@imgferry/http-adapter';
import { createMonitor } from '@imgferry/monitor';

export function startMonitor(
  uploader: Uploader,
  store: Store,
): { server: Server; stop: () => Promise<void> } {
  // #region ending
  const stopping = new AbortController();
  const access = { loopback: '127.0.0.1' };
  const server = createServer(toNodeHandler(createMonitor(uploader, { access, signal: stopping.signal })));

  async function stop(): Promise<void> {
    stopping.abort();
    const closed = new Promise((resolve) => server.close(resolve));
    // Browsers keep a connection for later, also when what came by it has ended.
    setTimeout(() => server.closeIdleConnections(), 100);
    await closed;
    // Finishes what runs, or hands it back. The store comes last: all of them need it.
    await uploader.stop();
    await store.close();
  }
  // #endregion ending
  return { server, stop };
}

import { createServer } from 'node:http';

import { closeAfter, listen } from './listen.ts';

/** The answer to whether this process is alive, while it is given. */
export interface Health {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Answers `GET /healthz` on the loopback address, for every role alike: what asks is on the same machine, or in the same
 * container. It says that the process runs and its event loop turns, and nothing of Redis or Imgur: starting this
 * process anew would bring neither back.
 * @throws ConfigError when the port is taken
 */
export async function startHealth(port: number): Promise<Health> {
  const server = createServer((request, response) => {
    const found = request.method === 'GET' && request.url === '/healthz';
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json', connection: 'close' });
    response.end(found ? '{"status":"alive"}' : '{"status":"not found"}');
  });
  const url = await listen(server, '127.0.0.1', port, 'HEALTH_PORT');
  return { url, close: () => closeAfter(server, Promise.resolve(), 0) };
}

import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Where a server of this entry listens. */
export interface ListenOptions {
  /** The address to listen on. @default '127.0.0.1' */
  readonly hostname?: string;
  /** The port to listen on; 0 takes a free one. @default 0 */
  readonly port?: number;
}

/** Starts a server and answers its base URL, without a slash at the end. Rejects when it can not listen. */
export function listen(server: Server, { hostname = '127.0.0.1', port = 0 }: ListenOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, hostname, () => {
      server.off('error', reject);
      resolve(baseUrlOf(server.address() as AddressInfo));
    });
  });
}

function baseUrlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

/** Ends a server with every connection it has. Closing twice is closing once. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

import { once } from 'node:events';
import { createServer } from 'node:net';
import { constants } from 'node:os';

import { onTestFinished } from 'vitest';

/** What Node's sockets call to have the kernel connect: the last step that is not yet on the network. */
interface TcpHandle {
  connect(request: unknown, address: string, port: number): number;
  connect6(request: unknown, address: string, port: number): number;
}

/** An address that something wanted to be connected to. */
export interface Dial {
  readonly address: string;
  readonly port: number;
}

/**
 * Keeps this process off the network until the test ends: every connection is refused in the moment in which Node asks
 * the kernel for it, and told. Whoever passes here would have dialled, and nothing has left the machine.
 * @param through A server of the test on 127.0.0.1 that can be reached all the same, and is told too.
 */
export async function catchDials(through?: { readonly port: number }): Promise<Dial[]> {
  const handle = await tcpHandle();
  const { connect, connect6 } = handle;
  const dialled: Dial[] = [];
  const refuse = (address: string, port: number): number => {
    dialled.push({ address, port });
    return -constants.errno.ECONNREFUSED;
  };
  Object.assign(handle, {
    connect(this: TcpHandle, request: unknown, address: string, port: number): number {
      const refused = refuse(address, port);
      return address === '127.0.0.1' && port === through?.port
        ? connect.call(this, request, address, port)
        : refused;
    },
    connect6: (_: unknown, address: string, port: number): number => refuse(address, port),
  });
  onTestFinished(() => void Object.assign(handle, { connect, connect6 }));
  return dialled;
}

/** The prototype of all TCP handles. Node has no public name for it, but every server has one. */
async function tcpHandle(): Promise<TcpHandle> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const prototype: unknown = Object.getPrototypeOf((server as unknown as { _handle: object })._handle);
  server.close();
  await once(server, 'close');
  return prototype as TcpHandle;
}

import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

import { onTestFinished } from 'vitest';

/** Writes an answer to a request, in whatever way it likes. */
export type RawAnswer = (socket: Socket, request: RawRequest) => void;

/** A request as it came. */
export interface RawRequest {
  readonly method: string;
  readonly path: string;
  /** All of it, up to the empty line. */
  readonly head: string;
}

/** A server that knows nothing of HTTP but where a request ends. */
export interface RawServer {
  /** Without a slash at its end. */
  readonly url: string;
  readonly port: number;
  readonly requests: readonly RawRequest[];
  /** Every connection there was, in order. */
  readonly sockets: readonly Socket[];
  /** How much was written, what is still on its way included. */
  readonly sentBytes: number;
  /** Resolves when no connection is open. */
  idle(): Promise<void>;
}

export interface RawServerOptions {
  /** @default '127.0.0.1' */
  readonly address?: string;
  readonly tls?: TlsOptions;
  /** Answers whoever connects, before anything was asked. @default false */
  readonly speaksFirst?: boolean;
}

/** Serves on a loopback address for as long as the test runs; over TLS if there is anything to do so with. */
export async function serveRaw(
  answer: RawAnswer,
  { address = '127.0.0.1', tls, speaksFirst = false }: RawServerOptions = {},
): Promise<RawServer> {
  const requests: RawRequest[] = [];
  const onConnection = (socket: Socket): void => {
    socket.on('error', () => {});
    if (speaksFirst) answer(socket.resume(), { method: '', path: '', head: '' });
    else
      onRequests(socket, (head) => {
        const [method = '', path = ''] = head.split(' ');
        const request = { method, path, head };
        requests.push(request);
        answer(socket, request);
      });
  };
  const server = tls === undefined ? createServer(onConnection) : createTlsServer(tls, onConnection);
  server.on('tlsClientError', () => {});
  const { sockets, idle } = watchConnections(server);
  server.listen(0, address);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${address}:${port}`,
    port,
    requests,
    sockets,
    get sentBytes() {
      return sockets.reduce((sum, { bytesWritten }) => sum + bytesWritten, 0);
    },
    idle,
  };
}

/** A server that nobody may reach: the test fails when somebody did. */
export async function serveCanary(address = '127.0.0.2'): Promise<RawServer> {
  const canary = await serveRaw((socket) => void socket.end(), { address });
  onTestFinished(() => {
    if (canary.sockets.length > 0) throw new Error(`the canary on ${address} was reached`);
  });
  return canary;
}

/** The head of an answer, with an empty line at its end. */
export function answerHead(...lines: readonly string[]): string {
  return ['HTTP/1.1 200 OK', ...lines, '', ''].join('\r\n');
}

/** Writes the same again for as long as somebody reads. */
export function writeForever(socket: Socket, chunk: Uint8Array): void {
  const more = (): void => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.on('drain', more);
  more();
}

/** Writes one piece after the other, a few milliseconds apart, the last one over and over. */
export function writeSlowly(socket: Socket, pieces: Iterable<string | Uint8Array>, everyMs = 5): void {
  const left = [...pieces];
  const timer = setInterval(() => {
    const piece = left.length > 1 ? left.shift() : left[0];
    if (piece !== undefined) socket.write(piece);
  }, everyMs);
  socket.once('close', () => clearInterval(timer));
}

function onRequests(socket: Socket, onHead: (head: string) => void): void {
  let text = '';
  socket.on('data', (data) => {
    text += data.toString('latin1');
    for (let end = text.indexOf('\r\n\r\n'); end !== -1; end = text.indexOf('\r\n\r\n')) {
      const head = text.slice(0, end);
      text = text.slice(end + 4);
      onHead(head);
    }
  });
}

function watchConnections(server: Server): Pick<RawServer, 'sockets' | 'idle'> {
  const sockets: Socket[] = [];
  const open = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.push(socket);
    open.add(socket);
    socket.once('close', () => {
      open.delete(socket);
      if (open.size === 0) server.emit('idle');
    });
  });
  onTestFinished(async () => {
    for (const socket of open) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  const idle = async (): Promise<void> => {
    if (open.size > 0) await once(server, 'idle');
  };
  return { sockets, idle };
}

import { once } from 'node:events';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { constants, createSecureServer } from 'node:http2';
import { type AddressInfo, createServer as createRawServer, type Server, type Socket } from 'node:net';

import { onTestFinished } from 'vitest';

import { createHttpSource, type HttpSource, type HttpSourceOptions } from '../../src/http-source/index.ts';
import type { SourceImage } from '../../src/source.ts';
import { TransferError } from '../../src/transfer-error.ts';

/** A server that lives as long as the test that started it, and the connections it got. */
export interface Loopback {
  readonly url: string;
  readonly port: number;
  /** Every connection there was, in order. */
  readonly sockets: readonly Socket[];
  /** Resolves when no connection is open. */
  idle(): Promise<void>;
}

/** Serves HTTP on a loopback address. */
export function serve(handler: RequestListener, address = '127.0.0.1'): Promise<Loopback> {
  return listen(createHttpServer({ keepAliveTimeout: 60_000 }, handler), 'http', address);
}

/** Serves HTTPS with the certificate of the fixtures, in HTTP/2 to those who offer it. */
export function serveTls(
  handler: RequestListener,
  keyAndCert: { key: Buffer; cert: Buffer },
  address = '127.0.0.1',
): Promise<Loopback> {
  const server = createSecureServer({ ...keyAndCert, allowHTTP1: true });
  server.on('request', (request, response) => {
    if (request.httpVersion === '2.0') response.stream.close(constants.NGHTTP2_HTTP_1_1_REQUIRED);
    else
      handler(request as unknown as IncomingMessage, response as unknown as ServerResponse<IncomingMessage>);
  });
  return listen(server, 'https', address);
}

/** Serves whatever the listener writes, once the request has come. */
export function serveRaw(onRequest: (socket: Socket) => void, address = '127.0.0.1'): Promise<Loopback> {
  const server = createRawServer((socket) => socket.once('data', () => onRequest(socket)));
  return listen(server, 'http', address);
}

/** A server nobody may reach: the test fails when somebody did. */
export async function serveCanary(address = '127.0.0.2'): Promise<Loopback> {
  const canary = await serve((_, response) => response.end('inside'), address);
  onTestFinished(() => {
    if (canary.sockets.length > 0) throw new Error(`the canary on ${address} was reached`);
  });
  return canary;
}

async function listen(server: Server, scheme: string, address: string): Promise<Loopback> {
  const sockets: Socket[] = [];
  const open = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.push(socket);
    open.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => {
      open.delete(socket);
      if (open.size === 0) server.emit('idle');
    });
  });
  server.listen(0, address);
  await once(server, 'listening');
  onTestFinished(async () => {
    for (const socket of open) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  const { port } = server.address() as AddressInfo;
  const idle = async (): Promise<void> => {
    if (open.size > 0) await once(server, 'idle');
  };
  return { url: `${scheme}://${address}:${port}`, port, sockets, idle };
}

/** A source that may read from 127.0.0.1 and is closed with the test. */
export function sourceOf(options: HttpSourceOptions = {}): HttpSource {
  const source = createHttpSource({ allow: ['127.0.0.1/32'], ...options });
  onTestFinished(() => source.close());
  return source;
}

/** What Imgur takes, as far as the tests need it, with small caps. */
export const limits = {
  maxBytes: {
    'image/png': 1_000_000,
    'image/jpeg': 1_000_000,
    'image/gif': 3_000_000,
    'video/mp4': 200_000_000,
  },
} as const;

/** Opens an image that is disposed of with the test. */
export async function open(
  source: HttpSource,
  url: string,
  options: Partial<OpenOf> = {},
): Promise<SourceImage> {
  const image = await source.open(url, { limits, signal: new AbortController().signal, ...options });
  onTestFinished(() => image.dispose());
  return image;
}

type OpenOf = Parameters<HttpSource['open']>[1];

/** The bytes of an image, however it comes. */
export async function bytesOf(image: SourceImage): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of image.body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The TransferError that a promise rejects with. */
export async function failureOf(promise: Promise<unknown>): Promise<TransferError> {
  const outcome = await promise.then(
    () => 'no error',
    (error: unknown) => error,
  );
  if (outcome instanceof TransferError) return outcome;
  throw new Error('this is no TransferError', { cause: outcome });
}

/** One step of the event loop, in which undici makes a connection free again. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

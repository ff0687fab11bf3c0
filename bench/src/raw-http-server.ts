import { createServer, type Server, type Socket } from 'node:net';

import { type RawRequest, RequestReader } from './request-reader.ts';

/**
 * Makes an HTTP server for measurements: it knows one request after the other on connections that stay, and costs a
 * fraction of `node:http`, so that the client is what limits the rate.
 * @param answer Answers the whole response, headers and all.
 */
export function createRawHttpServer(answer: (request: RawRequest) => Buffer): Server {
  return createServer({ noDelay: true }, (socket) => serve(socket, answer));
}

function serve(socket: Socket, answer: (request: RawRequest) => Buffer): void {
  const reader = new RequestReader();
  socket.on('data', (chunk) => {
    const request = reader.write(chunk);
    if (request !== undefined) socket.write(answer(request));
  });
  // A client that ends its connection the hard way has its own error to tell.
  socket.on('error', () => socket.destroy());
}

/** A whole response. */
export function rawResponse(
  status: string,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `HTTP/1.1 ${status}\r\n${lines.join('')}content-length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

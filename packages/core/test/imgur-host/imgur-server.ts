import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

import { afterEach } from 'vitest';

import { createImgurHost, type ImgurHost } from '../../src/imgur-host/imgur-host.ts';
import type { ImgurHostOptions } from '../../src/imgur-host/imgur-host-options.ts';
import type { SourceImage } from '../../src/source.ts';
import { closeServer, listen } from '../../src/testing/loopback-server.ts';
import { TransferError } from '../../src/transfer-error.ts';

const open: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

export const clientId = 'canary-client-id-546c25a59c58ad7';

/** Answers a request, at once or later. */
export type Listener = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** A server on loopback that the test ends. */
export async function serve(listener: Listener): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer((request, response) => void listener(request, response));
  const url = await listen(server, {});
  open.push(() => closeServer(server));
  return { url, server };
}

/** A host that the test closes. */
export function hostFor(apiUrl: string, options: Partial<ImgurHostOptions> = {}): ImgurHost {
  const host = createImgurHost({ clientId, apiUrl, ...options });
  open.push(() => host.close());
  return host;
}

export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Reads a form with an implementation that is not ours. */
export async function formOf(request: IncomingMessage): Promise<FormData> {
  const headers = { 'content-type': request.headers['content-type'] ?? '' };
  return new Response(new Uint8Array(await bodyOf(request)), { headers }).formData();
}

/** Takes every image. */
export async function takeImage(request: IncomingMessage, response: ServerResponse): Promise<void> {
  await bodyOf(request);
  answer(response, 200, { data: { link: 'https://i.imgur.com/gAGub9k.jpg' }, success: true, status: 200 });
}

export function answer(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

/** Lets the server close the connection without a word. */
export function hangUp(request: IncomingMessage): void {
  request.socket.resetAndDestroy();
}

/** An image that is held in memory. */
export function heldImage(bytes: Uint8Array = Buffer.from('the image'), type = 'image/jpeg'): SourceImage {
  const half = Math.floor(bytes.length / 2);
  return {
    type,
    bytes: bytes.length,
    body: [bytes.subarray(0, half), bytes.subarray(half)],
    dispose: () => {},
  };
}

/** An image that streams. */
export function streamedImage(
  body: AsyncIterable<Uint8Array>,
  bytes: number,
  type = 'image/gif',
): SourceImage {
  return { type, bytes, body, dispose: () => {} };
}

/** A stream of `chunk`, so many times. */
export async function* repeated(chunk: Uint8Array, times: number): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < times; i++) yield chunk;
}

/** What a promise that has to fail fails with. */
export async function failureOf(promise: Promise<unknown>): Promise<TransferError> {
  const error = await promise.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof TransferError)) throw error;
  return error;
}

export const never: AbortSignal = new AbortController().signal;

/** Resolves when the connection of a request is closed, whether in peace or not. */
export function closed({ socket }: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once('close', () => resolve());
  });
}

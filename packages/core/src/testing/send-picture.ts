import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as after } from 'node:timers/promises';

import { mediaTypeOf } from './media-type.ts';
import type { ServedPicture } from './picture-server.ts';
import { whileOpen } from './while-open.ts';

const TICK_MS = 10;
const MAX_CHUNK_BYTES = 64 * 1024;

/** Answers a request with a picture, in the manner that it describes. */
export function sendPicture(
  picture: ServedPicture,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  request.resume();
  const body = request.method === 'HEAD' ? new Uint8Array() : (picture.bytes ?? new Uint8Array());
  // Left alone, Node would send chunks.
  if (picture.noLength === 'close-delimited') response.removeHeader('Transfer-Encoding');
  response.writeHead(picture.status ?? (picture.redirect === undefined ? 200 : 302), headersOf(picture));
  response.flushHeaders();
  // A connection that is closed meanwhile is what some tests are about.
  void whileOpen(response, (signal) => sendBody(picture, body, response, signal));
}

function headersOf(picture: ServedPicture): Record<string, string> {
  const { bytes = new Uint8Array(), redirect, noLength } = picture;
  const type = picture.type ?? mediaTypeOf(Buffer.from(bytes.subarray(0, 4096)));
  return {
    ...(type !== undefined && { 'Content-Type': type }),
    ...(redirect !== undefined && { Location: redirect }),
    ...lengthHeaders(noLength, bytes.length),
    ...picture.headers,
  };
}

function lengthHeaders(noLength: ServedPicture['noLength'], bytes: number): Record<string, string> {
  if (noLength === 'chunked') return { 'Transfer-Encoding': 'chunked' };
  if (noLength === 'close-delimited') return { Connection: 'close' };
  return { 'Content-Length': String(bytes) };
}

async function sendBody(
  { breaks, bytesPerSecond }: ServedPicture,
  body: Uint8Array,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const sent = breaks ? body.subarray(0, breaks.afterBytes) : body;
  for (let at = 0; at < sent.length; ) {
    const chunk = sent.subarray(at, at + chunkBytesOf(bytesPerSecond));
    at += chunk.length;
    await written(response, chunk);
    if (bytesPerSecond !== undefined)
      await after((1_000 * chunk.length) / bytesPerSecond, undefined, { signal });
  }
  if (!breaks) response.end();
  else if (breaks.how === 'truncate') response.socket?.destroySoon();
  else if (breaks.how === 'reset') response.socket?.resetAndDestroy();
}

/** A slow body leaves in pieces as small as what is due at every tick. */
function chunkBytesOf(bytesPerSecond: number | undefined): number {
  if (bytesPerSecond === undefined) return MAX_CHUNK_BYTES;
  return Math.max(1, Math.floor((bytesPerSecond * TICK_MS) / 1_000));
}

/** Resolves when the chunk has left, at the pace of the reader; also when the connection is gone. */
function written(response: ServerResponse, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    response.write(chunk, () => resolve());
  });
}

import type { Dispatcher } from 'undici';

import type { HostUploadOptions } from '../host.ts';
import type { SourceImage } from '../source.ts';
import { TransferError } from '../transfer-error.ts';
import { type ExchangeRequest, exchange } from './exchange.ts';
import { imgurUploadPath } from './imgur-limits.ts';
import { type ImageForm, imageForm } from './multipart.ts';
import type { PostBuffers } from './post-buffers.ts';
import type { Reply } from './reply.ts';

/** Where requests go, as whom, and how long they may take. `path` is what all paths begin with. */
export type ImgurRoute = Pick<
  ExchangeRequest,
  'origin' | 'path' | 'headers' | 'headersTimeoutMs' | 'idleTimeoutMs' | 'now'
>;

/** What images are sent with. */
export interface Sender {
  readonly dispatcher: Dispatcher;
  readonly buffers: PostBuffers;
}

/** Up to this size a held image is copied into one buffer: one write costs less than many. */
const oneWriteBytes = 256 * 1024;

/** Sends one image, in one POST, and reads the reply. */
export function sendImage(
  { dispatcher, buffers }: Sender,
  route: ImgurRoute,
  image: SourceImage,
  options: HostUploadOptions,
): Promise<Reply> {
  const { body, bytes } = image;
  const { onProgress, signal } = options;
  const form = imageForm(image, options);
  // Progress is told once for one write, else chunk by chunk.
  const leaving: Pick<ExchangeRequest, 'body' | 'onSent' | 'onWritten'> =
    isHeld(body) && bytes <= oneWriteBytes
      ? { ...inOnePiece(form, bytes, body, buffers), onSent: () => onProgress?.(bytes) }
      : { body: stream(form, image, onProgress) };
  return exchange(dispatcher, {
    ...route,
    ...leaving,
    path: `${route.path}${imgurUploadPath(image.type)}`,
    method: 'POST',
    headers: {
      ...route.headers,
      'content-type': form.contentType,
      'content-length': String(form.contentLength),
    },
    carriesImage: true,
    signal,
  });
}

function inOnePiece(
  form: ImageForm,
  bytes: number,
  chunks: readonly Uint8Array[],
  buffers: PostBuffers,
): { readonly body: Buffer; readonly onWritten: () => void } {
  const gotBytes = chunks.reduce((sum, { length }) => sum + length, 0);
  if (gotBytes !== bytes) throw wrongLength(gotBytes, bytes);
  const buffer = buffers.take(form.contentLength);
  let at = buffer.write(form.prefix);
  for (const chunk of chunks) {
    buffer.set(chunk, at);
    at += chunk.length;
  }
  buffer.write(form.suffix, at);
  return { body: buffer.subarray(0, form.contentLength), onWritten: () => buffers.giveBack(buffer) };
}

/** The form as it leaves. Asks for the next chunk when the host has room for it, so nothing piles up. */
async function* stream(
  { prefix, suffix }: ImageForm,
  { body, bytes }: SourceImage,
  onProgress: HostUploadOptions['onProgress'],
): AsyncGenerator<Uint8Array> {
  yield Buffer.from(prefix);
  let sentBytes = 0;
  for await (const chunk of body) {
    sentBytes += chunk.byteLength;
    if (sentBytes > bytes) throw wrongLength(sentBytes, bytes);
    yield chunk;
    onProgress?.(sentBytes);
  }
  // Without the end of the form the host can not take what came for a whole image.
  if (sentBytes !== bytes) throw wrongLength(sentBytes, bytes);
  yield Buffer.from(suffix);
}

function isHeld(body: SourceImage['body']): body is readonly Uint8Array[] {
  return Array.isArray(body);
}

function wrongLength(gotBytes: number, bytes: number): TransferError {
  if (gotBytes < bytes)
    return new TransferError('truncated', `the image ended after ${gotBytes} of ${bytes} bytes`);
  return new TransferError('internal_error', `the source gave more than the ${bytes} bytes it had announced`);
}

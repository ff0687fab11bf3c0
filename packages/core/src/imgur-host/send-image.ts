import type { Dispatcher } from 'undici';

import type { HostUploadOptions } from '../host.ts';
import type { SourceImage } from '../source.ts';
import { TransferError } from '../transfer-error.ts';
import { type ExchangeRequest, exchange } from './exchange.ts';
import { imgurUploadPath } from './imgur-limits.ts';
import { type ImageForm, imageForm } from './multipart.ts';
import type { Reply } from './reply.ts';

/** Where requests go, as whom, and how long they may take. `path` is what all paths begin with. */
export type ImgurRoute = Pick<
  ExchangeRequest,
  'origin' | 'path' | 'headers' | 'headersTimeoutMs' | 'idleTimeoutMs' | 'now'
>;

/** Up to this size a held image is copied into one buffer: one write costs less than many. */
const oneWriteBytes = 256 * 1024;

/** Sends one image, in one POST, and reads the reply. */
export function sendImage(
  dispatcher: Dispatcher,
  route: ImgurRoute,
  image: SourceImage,
  options: HostUploadOptions,
): Promise<Reply> {
  const form = imageForm(image, options);
  return exchange(dispatcher, {
    ...route,
    ...leaving(form, image, options.onProgress),
    path: `${route.path}${imgurUploadPath(image.type)}`,
    method: 'POST',
    headers: {
      ...route.headers,
      'content-type': form.contentType,
      'content-length': String(form.contentLength),
    },
    carriesImage: true,
    signal: options.signal,
  });
}

/** The body, and how its progress is told: once for one write, else chunk by chunk. */
function leaving(
  form: ImageForm,
  image: SourceImage,
  onProgress: HostUploadOptions['onProgress'],
): Pick<ExchangeRequest, 'body' | 'onSent'> {
  const { body, bytes } = image;
  if (!isHeld(body) || bytes > oneWriteBytes) return { body: stream(form, image, onProgress) };
  const whole = Buffer.concat([form.prefix, ...body, form.suffix]);
  if (whole.length !== form.contentLength)
    throw wrongLength(whole.length - form.contentLength + bytes, bytes);
  return { body: whole, onSent: () => onProgress?.(bytes) };
}

/** The form as it leaves. Asks for the next chunk when the host has room for it, so nothing piles up. */
async function* stream(
  { prefix, suffix }: ImageForm,
  { body, bytes }: SourceImage,
  onProgress: HostUploadOptions['onProgress'],
): AsyncGenerator<Uint8Array> {
  yield prefix;
  let sentBytes = 0;
  for await (const chunk of body) {
    sentBytes += chunk.byteLength;
    if (sentBytes > bytes) throw wrongLength(sentBytes, bytes);
    yield chunk;
    onProgress?.(sentBytes);
  }
  // Without the end of the form the host can not take what came for a whole image.
  if (sentBytes !== bytes) throw wrongLength(sentBytes, bytes);
  yield suffix;
}

function isHeld(body: SourceImage['body']): body is readonly Uint8Array[] {
  return Array.isArray(body);
}

function wrongLength(gotBytes: number, bytes: number): TransferError {
  if (gotBytes < bytes)
    return new TransferError('truncated', `the image ended after ${gotBytes} of ${bytes} bytes`);
  return new TransferError('internal_error', `the source gave more than the ${bytes} bytes it had announced`);
}

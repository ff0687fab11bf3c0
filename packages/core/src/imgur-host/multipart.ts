import { randomUUID } from 'node:crypto';

import type { JobOptions } from '../job.ts';
import { imgurFileName } from './imgur-limits.ts';

/** A multipart/form-data body (RFC 7578) around the bytes of one image. */
export interface ImageForm {
  readonly contentType: string;
  /** Of the whole body, known before the first byte leaves. */
  readonly contentLength: number;
  /** What goes before the image, in UTF-8. */
  readonly prefix: string;
  /** What goes after it. */
  readonly suffix: string;
}

/**
 * Makes the form for an image. Made by hand, because FormData costs several times the time and memory.
 * Values stand between boundaries that nobody can guess, so nothing in them has to be escaped.
 */
export function imageForm(
  image: { readonly type: string; readonly bytes: number },
  options: JobOptions,
): ImageForm {
  const boundary = `imgferry-${randomUUID()}`;
  const { title, description, album } = options;
  const field = (name: string, value: string | undefined): string =>
    value === undefined
      ? ''
      : `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const prefix =
    field('type', 'file') +
    field('title', title) +
    field('description', description) +
    field('album', album) +
    `--${boundary}\r\nContent-Disposition: form-data; name="image"; filename="${imgurFileName(image.type)}"\r\n` +
    `Content-Type: ${image.type}\r\n\r\n`;
  const suffix = `\r\n--${boundary}--\r\n`;
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    contentLength: Buffer.byteLength(prefix) + image.bytes + suffix.length,
    prefix,
    suffix,
  };
}

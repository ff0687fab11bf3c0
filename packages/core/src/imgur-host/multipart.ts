import { randomUUID } from 'node:crypto';

import type { JobOptions } from '../job.ts';
import { imgurFileName } from './imgur-limits.ts';

/** A multipart/form-data body (RFC 7578) around the bytes of one image. */
export interface ImageForm {
  readonly contentType: string;
  /** Of the whole body, known before the first byte leaves. */
  readonly contentLength: number;
  /** What goes before the image. */
  readonly prefix: Buffer;
  /** What goes after it. */
  readonly suffix: Buffer;
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
  const fields = { type: 'file', title, description, album };
  let head = '';
  for (const [name, value] of Object.entries(fields))
    if (value !== undefined)
      head += `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  head +=
    `--${boundary}\r\nContent-Disposition: form-data; name="image"; filename="${imgurFileName(image.type)}"\r\n` +
    `Content-Type: ${image.type}\r\n\r\n`;
  const prefix = Buffer.from(head);
  const suffix = Buffer.from(`\r\n--${boundary}--\r\n`);
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    contentLength: prefix.length + image.bytes + suffix.length,
    prefix,
    suffix,
  };
}

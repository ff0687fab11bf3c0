import type { IncomingMessage } from 'node:http';

import { BodyDigest } from './body-digest.ts';
import { boundaryOf, MultipartReader, type PartHead, type PartReader } from './multipart-reader.ts';

const MAX_FIELDS_BYTES = 64 * 1024;

/** What one POST brought. */
export type UploadBody =
  | {
      readonly status: 'whole';
      /** `undefined` when there was no part `image`, or nothing in it. */
      readonly image: BodyDigest | undefined;
      readonly filename: string | undefined;
      readonly fields: Readonly<Record<string, string>>;
    }
  | { readonly status: 'malformed'; readonly reason: string }
  /** The connection ended before the announced length. */
  | { readonly status: 'incomplete' };

/** Reads the body of an upload without holding it: multipart/form-data with a part `image`, or the bare image. */
export function readUpload(request: IncomingMessage): Promise<UploadBody> {
  const reader = new UploadReader(request.headers['content-type'] ?? '');
  return new Promise((resolve) => {
    request.on('data', (chunk: Buffer) => reader.write(chunk));
    request.on('end', () => resolve(reader.end()));
    request.on('close', () => resolve({ status: 'incomplete' }));
  });
}

class UploadReader {
  readonly #fields: Record<string, string> = {};
  readonly #body: PartReader;
  #fieldBytes = 0;
  #image: BodyDigest | undefined;
  #filename: string | undefined;
  #problem: string | undefined;

  constructor(contentType: string) {
    this.#body = this.#bodyReader(contentType);
  }

  write(chunk: Buffer): void {
    this.#try(() => this.#body.write(chunk));
  }

  end(): UploadBody {
    this.#try(() => this.#body.end?.());
    if (this.#problem !== undefined) return { status: 'malformed', reason: this.#problem };
    const image = this.#image && this.#image.bytes > 0 ? this.#image : undefined;
    return { status: 'whole', image, filename: this.#filename, fields: this.#fields };
  }

  #bodyReader(contentType: string): PartReader {
    if (/^multipart\//i.test(contentType)) return this.#multipartReader(contentType);
    // A form that is not multipart has no image for us, whatever is in it; Imgur says no to bare bytes with this type.
    if (/^application\/x-www-form-urlencoded/i.test(contentType)) return { write: () => {} };
    this.#image = new BodyDigest();
    return this.#image;
  }

  #multipartReader(contentType: string): PartReader {
    const boundary = boundaryOf(contentType);
    if (boundary !== undefined) return new MultipartReader(boundary, (head) => this.#partReader(head));
    this.#problem = 'the Content-Type names no boundary';
    return { write: () => {} };
  }

  #partReader(head: PartHead): PartReader {
    if (head.name !== 'image') return this.#fieldReader(head.name);
    this.#image = new BodyDigest();
    this.#filename = head.filename;
    return this.#image;
  }

  #fieldReader(name: string): PartReader {
    const chunks: Buffer[] = [];
    return {
      write: (chunk) => {
        this.#fieldBytes += chunk.length;
        if (this.#fieldBytes > MAX_FIELDS_BYTES) throw new FieldsTooLongError();
        chunks.push(chunk);
      },
      end: () => {
        // Defined, not assigned: a field may be called __proto__.
        const value = Buffer.concat(chunks).toString('utf8');
        Object.defineProperty(this.#fields, name, {
          value,
          enumerable: true,
          configurable: true,
          writable: true,
        });
      },
    };
  }

  /** After the first problem the rest is read and ignored, so that the sender hears of it. */
  #try(step: () => void): void {
    if (this.#problem !== undefined) return;
    try {
      step();
    } catch (error) {
      this.#problem = error instanceof Error ? error.message : String(error);
    }
  }
}

class FieldsTooLongError extends Error {
  constructor() {
    super(`the fields beside the image are longer than ${MAX_FIELDS_BYTES} bytes`);
  }
}

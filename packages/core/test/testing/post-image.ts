import { type Dispatcher, request } from 'undici';

import { type ImgurStandIn, sampleImages } from '../../src/testing/index.ts';

/** An answer, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export const png: Buffer = Buffer.from(sampleImages['image/png']);

/** Writes a form by hand: fields first, the image last. */
export function handMadeForm(image: Buffer, fields: Readonly<Record<string, string>> = {}): Buffer {
  const parts = Object.entries(fields).map(
    ([name, value]) => `--b0undary\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const head = '--b0undary\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\n';
  return Buffer.concat([Buffer.from(parts.join('') + head), image, Buffer.from('\r\n--b0undary--\r\n')]);
}

/** Posts an image the way a careful client does, and reads the whole answer. */
export async function postImage(
  standIn: ImgurStandIn,
  options: {
    image?: Buffer;
    fields?: Readonly<Record<string, string>>;
    path?: string;
    authorization?: string | undefined;
    headers?: Readonly<Record<string, string>>;
    signal?: AbortSignal;
  } = {},
): Promise<Answer> {
  const authorization = 'authorization' in options ? options.authorization : 'Client-ID test';
  return read(
    await request(standIn.url + (options.path ?? '/3/image'), {
      method: 'POST',
      headers: {
        ...(authorization !== undefined && { authorization }),
        'content-type': 'multipart/form-data; boundary=b0undary',
        ...options.headers,
      },
      body: handMadeForm(options.image ?? png, { type: 'file', ...options.fields }),
      ...(options.signal && { signal: options.signal }),
    }),
  );
}

/** Calls anything but an upload. */
export async function call(
  standIn: ImgurStandIn,
  method: Dispatcher.HttpMethod,
  path: string,
  authorization: string | undefined = 'Client-ID test',
): Promise<Answer> {
  const headers = authorization === '' ? {} : { authorization };
  return read(await request(standIn.url + path, { method, headers }));
}

export async function read({ statusCode, headers, body }: Dispatcher.ResponseData): Promise<Answer> {
  return { status: statusCode, headers, text: await body.text() };
}

import { gzipSync } from 'node:zlib';

/** A text that never changes, compressed once, for whoever takes it compressed. */
export class Encoded {
  readonly #plain: Uint8Array<ArrayBuffer>;
  readonly #gzipped: Uint8Array<ArrayBuffer>;

  constructor(text: string) {
    this.#plain = new TextEncoder().encode(text);
    this.#gzipped = new Uint8Array(gzipSync(text, { level: 9 }));
  }

  /** The answer to a request, with these headers beside those of the encoding. @see RFC 9110, 12.5.3 */
  answer(request: Request, headers: Readonly<Record<string, string>>): Response {
    const common = { ...headers, vary: 'accept-encoding' };
    if (!takesGzip(request.headers.get('accept-encoding') ?? ''))
      return new Response(this.#plain, { headers: common });
    return new Response(this.#gzipped, { headers: { ...common, 'content-encoding': 'gzip' } });
  }
}

/** Whether `gzip` is named, and not with a weight of 0. Who names nothing, or only `*`, is sent it as it is. */
function takesGzip(accepted: string): boolean {
  return accepted
    .toLowerCase()
    .split(',')
    .map((each) => each.replaceAll(/\s/g, ''))
    .some((each) => each === 'gzip' || (each.startsWith('gzip;q=') && Number(each.slice(7)) > 0));
}

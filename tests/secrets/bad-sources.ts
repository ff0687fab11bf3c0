import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';

import type { FailureCode } from '@imgferry/core';
import {
  type PictureRoute,
  type PictureServer,
  sampleImage,
  startPictureServer,
} from '@imgferry/core/testing';
import { canaries } from './canaries.ts';

/** What goes behind every URL: as storage signs it, in both manners, and as a page hands a token on. */
export const signed: string = `?X-Amz-Signature=${canaries.signature}&sig=${encodeURIComponent(canaries.sasSignature)}#access_token=${canaries.fragment}`;

/** What of it is sent. */
const sent = signed.replace(/#.*$/, '');
const silentPath = `/silent.png${sent}`;
const goodPath = `/good.png${sent}`;

export const tooLargeBytes = 5_000;
const png = sampleImage('image/png', { bytes: 1_000 });
/** By its header it has 1.6 thousand million pixels. */
const hugePng = Buffer.from(png);
for (const at of [16, 20]) hugePng.writeUInt32BE(40_000, at);

/** Each failure that a source can cause, and how a path of the server causes it. */
const routes: Partial<Readonly<Record<FailureCode, PictureRoute>>> = {
  source_status: { status: 404, type: 'text/plain', bytes: Buffer.from(signed) },
  source_unavailable: { status: 503, headers: { 'Retry-After': '0' } },
  source_removed: { redirect: 'https://i.imgur.com/removed.png' },
  bad_redirect: { redirect: `https://me:${canaries.signature}@elsewhere.example/${signed}` },
  blocked_address: { redirect: `http://10.0.0.1/a.png${signed}` },
  bad_response: garbage,
  encoded_body: { bytes: png, headers: { 'Content-Encoding': 'gzip' } },
  empty_body: { bytes: new Uint8Array() },
  truncated: { bytes: png, breaks: { how: 'truncate', afterBytes: 100 } },
  not_an_image: { type: 'image/png', bytes: Buffer.from(`<!doctype html>${signed}`) },
  unsupported_type: { bytes: sampleImage('image/webp') },
  dimensions: { bytes: hugePng },
  too_large: { bytes: sampleImage('image/png', { bytes: tooLargeBytes + 100 }) },
};

function never(request: IncomingMessage): void {
  request.resume();
}

/** A source that echoes what it was asked for and is no HTTP. */
function garbage(request: IncomingMessage, _response: ServerResponse): void {
  request.socket.end(`HTTP/9 ${request.url}\r\n${request.url}\0\r\n\r\n`);
}

/** Sources that fail in every way. */
export class BadSources {
  readonly web: PictureServer;
  readonly #secure: Server;

  private constructor(web: PictureServer, secure: Server) {
    this.web = web;
    this.#secure = secure;
  }

  static async start(): Promise<BadSources> {
    const paths = Object.entries(routes).map(([code, route]) => [`/${code}.png${sent}`, route] as const);
    const web = await startPictureServer({
      ...Object.fromEntries(paths),
      [goodPath]: png,
      [silentPath]: never,
    });
    const fixture = (name: string): Buffer =>
      readFileSync(new URL(`../../packages/core/test/fixtures/${name}`, import.meta.url));
    const secure = createServer({ key: fixture('tls-key.pem'), cert: fixture('tls-cert.pem') });
    await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
    return new BadSources(web, secure);
  }

  get good(): string {
    return this.web.urlOf(`/good.png${signed}`);
  }

  /** One that never answers. */
  get silent(): string {
    return this.web.urlOf(`/silent.png${signed}`);
  }

  /** What was asked for, if the good one was. */
  get heard(): string {
    return this.web.requests(goodPath) > 0 ? goodPath : '';
  }

  /** One URL for each failure. */
  get urls(): ReadonlyMap<FailureCode, string> {
    const { port } = this.#secure.address() as AddressInfo;
    return new Map<FailureCode, string>([
      ...Object.keys(routes).map(
        (code) => [code as FailureCode, this.web.urlOf(`/${code}.png${signed}`)] as const,
      ),
      ['invalid_host', `http://${'a'.repeat(64)}.example/${signed}`],
      ['host_not_found', `http://nowhere.example/${signed}`],
      ['source_unreachable', `http://127.0.0.1:1/${signed}`],
      ['source_tls', `https://127.0.0.1:${port}/${signed}`],
    ]);
  }

  async close(): Promise<void> {
    await this.web.close();
    this.#secure.closeAllConnections();
    await new Promise((resolve) => this.#secure.close(resolve));
  }
}

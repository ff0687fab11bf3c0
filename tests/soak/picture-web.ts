import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { sampleImage } from '@imgferry/core/testing';
import type { Random } from './random.ts';

/** How a source behaves. */
export type SourceKind = 'fine' | 'slow' | 'flaky' | 'missing' | 'hanging';

const minuteMs = 60_000;

/** A web in which every URL is another picture, so that by its digest the host's image is known again. */
export class PictureWeb {
  readonly #server = createServer((request, response) => {
    this.#answer(request.url ?? '', response).catch(() => response.destroy());
  });
  readonly #digests = new Map<string, string>();
  readonly #asked = new Map<string, number>();
  #base = '';
  #made = 0;

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#base = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** New URLs, most of which lead to a picture. None hangs in a short run, which has no time for all its attempts. */
  urls(count: number, random: Random, runMs: number): string[] {
    const hangs = runMs > 2 * minuteMs ? 0.01 : 0;
    return Array.from({ length: count }, () => {
      const draw = random.next();
      const kind: SourceKind =
        draw < hangs
          ? 'hanging'
          : draw < 0.05
            ? 'missing'
            : draw < 0.07
              ? 'flaky'
              : draw < 0.12
                ? 'slow'
                : 'fine';
      this.#made += 1;
      return `${this.#base}/${kind}/${this.#made}.png?token=${sourceToken}`;
    });
  }

  /** The URL whose picture has this digest. */
  urlOf(sha256: string): string | undefined {
    return this.#digests.get(sha256);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(path: string, response: ServerResponse): Promise<void> {
    const kind = kindOf(path);
    const asked = (this.#asked.get(path) ?? 0) + 1;
    if (kind === 'flaky') this.#asked.set(path, asked);
    if (kind === 'missing' || (kind === 'flaky' && asked === 1)) {
      response.writeHead(kind === 'missing' ? 404 : 503).end();
      return;
    }
    const bytes = this.#picture(path);
    response.writeHead(200, { 'content-type': 'image/png', 'content-length': bytes.length });
    if (kind === 'hanging') response.write(bytes.subarray(0, 100));
    else if (kind === 'slow') await sendSlowly(response, bytes);
    else response.end(bytes);
  }

  #picture(path: string): Uint8Array {
    const seed = Number(/\d+/.exec(path)?.[0] ?? 0);
    const bytes = sampleImage('image/png', { bytes: 500 + ((seed * 7_919) % 40_000), seed });
    this.#digests.set(createHash('sha256').update(bytes).digest('hex'), this.#base + path);
    return bytes;
  }
}

/** What the queries of sources hold, which no log may. */
export const sourceToken = 'canary-source-token-31b7';

/** How the source of a URL behaves. */
export function kindOf(url: string): SourceKind {
  return (/(fine|slow|flaky|missing|hanging)\/\d/.exec(url)?.[1] ?? 'fine') as SourceKind;
}

async function sendSlowly(response: ServerResponse, bytes: Uint8Array): Promise<void> {
  const pieces = 8;
  const size = Math.ceil(bytes.length / pieces);
  for (let at = 0; at < bytes.length && !response.destroyed; at += size) {
    response.write(bytes.subarray(at, at + size));
    await sleep(150);
  }
  response.end();
}

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** A little web on this machine that serves the example's pictures, and a few things that are none. */
export interface LocalWeb {
  /** The address it listens on, for `sourceAllow`. */
  readonly address: string;
  readonly pictures: readonly Picture[];
  /** Answers 404. */
  readonly missingUrl: string;
  /** A page of HTML that calls itself a JPEG. */
  readonly pageUrl: string;
  close(): Promise<void>;
}

/** One picture of the local web. */
export interface Picture {
  readonly name: string;
  readonly url: string;
  readonly body: Uint8Array;
  readonly sha256: string;
}

/** How the local web serves. */
export interface LocalWebOptions {
  /** How long the picture with this place in the list takes, in milliseconds. @default as fast as it goes */
  readonly paceMs?: (index: number) => number;
}

const address = '127.0.0.1';
const folder = new URL('../pictures/', import.meta.url);
const types: Readonly<Record<string, string>> = {
  gif: 'image/gif',
  jpg: 'image/jpeg',
  png: 'image/png',
  tiff: 'image/tiff',
};

/** Starts it on a free port of the loopback address. */
export async function startLocalWeb(options: LocalWebOptions = {}): Promise<LocalWeb> {
  const files = await readPictures();
  const closing = new AbortController();
  const server = createServer((request, response) => {
    const index = files.findIndex(({ name }) => request.url === `/${name}`);
    const file = files[index];
    if (file !== undefined) void servePicture(response, file, options.paceMs?.(index) ?? 0, closing.signal);
    else serveNoPicture(response, request.url);
  });
  server.listen(0, address);
  await once(server, 'listening');
  const origin = `http://${address}:${(server.address() as AddressInfo).port}`;
  return {
    address,
    pictures: files.map((file) => ({ ...file, url: `${origin}/${file.name}` })),
    missingUrl: `${origin}/gone.jpg`,
    pageUrl: `${origin}/album.jpg`,
    close: () => close(server, closing),
  };
}

type PictureFile = Omit<Picture, 'url'>;

async function readPictures(): Promise<PictureFile[]> {
  const names = (await readdir(folder)).filter((name) => typeOf(name) !== undefined).sort();
  return Promise.all(
    names.map(async (name) => {
      const body = await readFile(new URL(name, folder));
      return { name, body, sha256: createHash('sha256').update(body).digest('hex') };
    }),
  );
}

function typeOf(name: string): string | undefined {
  return types[name.slice(name.lastIndexOf('.') + 1)];
}

async function servePicture(
  response: ServerResponse,
  { name, body }: PictureFile,
  durationMs: number,
  signal: AbortSignal,
): Promise<void> {
  response.writeHead(200, { 'content-type': typeOf(name), 'content-length': body.length });
  try {
    await pipeline(Readable.from(paced(body, durationMs, signal)), response);
  } catch {
    // The reader has gone or this web is closing: the connection ends, and whoever reads notices by the length.
    response.destroy();
  }
}

const tickMs = 50;

async function* paced(body: Uint8Array, durationMs: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const ticks = Math.max(1, Math.round(durationMs / tickMs));
  const chunkBytes = Math.ceil(body.length / ticks);
  for (let start = 0; start < body.length; start += chunkBytes) {
    if (durationMs > 0) await sleep(tickMs, undefined, { signal });
    yield body.subarray(start, start + chunkBytes);
  }
}

function serveNoPicture(response: ServerResponse, path: string | undefined): void {
  if (path === '/album.jpg') {
    response.writeHead(200, { 'content-type': 'image/jpeg' });
    response.end('<!doctype html><title>Album</title><p>Please sign in to see this album.\n');
    return;
  }
  response.writeHead(404, { 'content-type': 'text/plain' });
  response.end('not found\n');
}

async function close(server: Server, closing: AbortController): Promise<void> {
  closing.abort();
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
}

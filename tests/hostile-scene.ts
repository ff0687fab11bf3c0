import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { inspect } from 'node:util';

import { onTestFinished } from 'vitest';

import { type Source, silentLogger, Uploader, type UploaderEventName } from '@imgferry/core';
import { createHttpSource, type HttpSourceOptions } from '@imgferry/core/http-source';
import { createFakeHost, sampleImage, startPictureServer } from '@imgferry/core/testing';
import { MemoryStore } from '@imgferry/memory-store';

/** Counts whoever reaches this machine on one port, by whatever address of its own. */
export interface Canary {
  readonly port: number;
  readonly reached: number;
  close(): Promise<void>;
}

/** Listens on every address there is: all of 127.0.0.0/8, ::1, the mapped ones, and what 0.0.0.0 and :: lead to. */
export async function startCanary(): Promise<Canary> {
  let reached = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    reached += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.end('HTTP/1.1 200 OK\r\ncontent-length: 6\r\nconnection: close\r\n\r\ninside');
  }).listen(0, '::');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    get reached() {
      return reached;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Where pictures are served, the one inside address that a source of these tests may reach. */
export const pictureAddress = '127.0.0.77';

/** What became of each URL of a job, and what anybody was told of it. */
export interface Crossing {
  /** The failure code of each URL, or `complete`. */
  readonly outcomes: Readonly<Record<string, string>>;
  /** What views and events say, without the URLs themselves. */
  readonly told: string;
}

/** An uploader on a memory store, with a host that counts, and two good pictures. */
export interface HostileScene {
  readonly goodUrls: readonly string[];
  /** How many images the host took, and how many uploads to it began. */
  readonly host: { readonly uploads: readonly unknown[]; readonly posts: number };
  /** Runs a job of these URLs with a good picture before and after them, and tells of these alone. */
  ferry(urls: readonly string[]): Promise<Crossing>;
  /** The URL of the picture server that redirects to another one. */
  redirectTo(location: string, status?: number): string;
}

/**
 * Sets the scene, until the test ends.
 * @param guard `public` is a source as it comes, which reaches the public web alone, and another one for the pictures;
 * `opened` is one source that may reach the address of the pictures too.
 */
export async function setHostileScene(
  guard: 'public' | 'opened',
  options: HttpSourceOptions = {},
): Promise<HostileScene> {
  const pictures = await startPictureServer(
    { '/1.png': sampleImage('image/png'), '/2.png': sampleImage('image/png', { bytes: 9_000 }) },
    { hostname: pictureAddress },
  );
  const store = new MemoryStore();
  const host = createFakeHost();
  const opened = createHttpSource({ ...options, allow: [pictureAddress] });
  const guarded = createHttpSource(options);
  const apart: Source = {
    open: (url, how) => (url.startsWith(pictures.url) ? opened : guarded).open(url, how),
  };
  const uploader = new Uploader({
    store,
    source: guard === 'opened' ? opened : apart,
    host,
    concurrency: 2,
    retryDelayMs: 1,
    attemptDelayMs: 1,
    logger: silentLogger,
  });
  const told: unknown[] = [];
  for (const name of ['upload:failed', 'upload:retried', 'error'] satisfies UploaderEventName[])
    uploader.on(name, (event) => told.push({ ...event, url: undefined }));
  uploader.start();
  onTestFinished(async () => {
    await uploader.stop({ timeoutMs: 0 });
    for (const part of [opened, guarded, store, pictures]) await part.close();
  });
  const goodUrls = ['/1.png', '/2.png'].map((path) => pictures.urlOf(path));
  const ferry = async (urls: readonly string[]): Promise<Crossing> => {
    const [first = '', last = ''] = goodUrls;
    const { jobId } = await uploader.submit([first, ...urls, last]);
    await uploader.finished(jobId);
    const uploads = (await uploader.uploads(jobId, { limit: 1_000 }))?.items ?? [];
    const codes = uploads.map(({ url, failure }) => [url, failure?.code ?? 'complete'] as const);
    const ofUrls = codes.filter(([url]) => !goodUrls.includes(url));
    if (codes.length - ofUrls.length !== 2) throw new Error('the good pictures are missing');
    return {
      outcomes: Object.fromEntries(ofUrls),
      told: textOf([uploads.map((upload) => ({ ...upload, url: undefined })), told]),
    };
  };
  let redirects = 0;
  const redirectTo = (location: string, status = 302): string => {
    redirects += 1;
    pictures.set(`/${redirects}`, { redirect: location, status });
    return pictures.urlOf(`/${redirects}`);
  };
  return { goodUrls, host, ferry, redirectTo };
}

/** All that a log would make of it, causes and hidden properties included, without the times. */
function textOf(told: unknown): string {
  const text = inspect(told, { depth: 20, showHidden: true, maxArrayLength: null, maxStringLength: null });
  return text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '');
}

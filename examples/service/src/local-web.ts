import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';

import { type ServedPicture, startPictureServer } from '@imgferry/core/testing';

/** A little web on this machine that serves the example's pictures, and a few things that are none. */
export interface LocalWeb {
  /** The address it listens on, for `sourceAllow`. */
  readonly address: string;
  /** Answers with the URLs of all pictures, as the body of a submit. */
  readonly indexUrl: string;
  /** In the order of their names. Each answers under any query, too. */
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
  readonly sha256: string;
}

/** How the local web serves. */
export interface LocalWebOptions {
  /** How long the picture with this place in the list takes, in milliseconds. @default as fast as it goes */
  readonly paceMs?: (index: number) => number;
}

const address = '127.0.0.1';
const folder = new URL('../pictures/', import.meta.url);

/** Starts it on a free port of the loopback address. */
export async function startLocalWeb(options: LocalWebOptions = {}): Promise<LocalWeb> {
  const files = await readPictures();
  const routes = files.map(({ name, bytes }, index): [string, ServedPicture] => [
    `/${name}`,
    options.paceMs === undefined
      ? { bytes }
      : { bytes, bytesPerSecond: (bytes.length * 1_000) / options.paceMs(index) },
  ]);
  const server = await startPictureServer(Object.fromEntries([...routes, ['/album.jpg', page]]), {
    hostname: address,
  });
  const pictures = files.map(({ name, sha256 }) => ({ name, sha256, url: server.urlOf(`/${name}`) }));
  server.set('/', indexOf(pictures));
  return {
    address,
    indexUrl: server.urlOf('/'),
    pictures,
    missingUrl: server.urlOf('/gone.jpg'),
    pageUrl: server.urlOf('/album.jpg'),
    close: () => server.close(),
  };
}

const page: ServedPicture = {
  type: 'image/jpeg',
  bytes: Buffer.from('<!doctype html><title>Album</title><p>Please sign in to see this album.\n'),
};

function indexOf(pictures: readonly Picture[]): ServedPicture {
  const body = JSON.stringify({ urls: pictures.map(({ url }) => url) }, null, 2);
  return { type: 'application/json', bytes: Buffer.from(`${body}\n`) };
}

interface PictureFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

async function readPictures(): Promise<PictureFile[]> {
  const names = (await readdir(folder)).filter((name) => /\.(gif|jpg|png|tiff)$/.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      const bytes = await readFile(new URL(name, folder));
      return { name, bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
    }),
  );
}

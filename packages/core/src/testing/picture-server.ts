import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

import { ConditionWaits } from './condition-waits.ts';
import { closeServer, type ListenOptions, listen } from './loopback-server.ts';
import { sendPicture } from './send-picture.ts';

/** How a path of a {@link PictureServer} answers. */
export interface ServedPicture {
  /** The body. @default none */
  readonly bytes?: Uint8Array;
  /** The Content-Type. @default told by the first bytes; left out when they are of no picture */
  readonly type?: string;
  /** The status. @default 200, or 302 with `redirect` */
  readonly status?: number;
  /** The Location of a redirect: a path of this server, or any URL. @default none */
  readonly redirect?: string;
  /** More headers, or others. @default none */
  readonly headers?: Readonly<Record<string, string>>;
  /** Announces no Content-Length: the end is that of the chunks, or of the connection. @default the length is announced */
  readonly noLength?: 'chunked' | 'close-delimited';
  /** Sends the body no faster than this. @default as fast as it is read */
  readonly bytesPerSecond?: number;
  /** What happens to the body before its end, and after how many bytes. @default nothing */
  readonly breaks?: {
    /** Says nothing more; closes the connection in good order; resets it. */
    readonly how: 'stall' | 'truncate' | 'reset';
    /** How much of the body is sent before; with 0 the headers are sent and nothing of the body. */
    readonly afterBytes: number;
  };
}

/** Answers a request in whatever way a test needs. */
export type PictureHandler = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * What a path leads to: bytes, a description, or a function. A list answers one request after the other, its last
 * entry all that follow.
 */
export type PictureRoute = OnePicture | readonly OnePicture[];

type OnePicture = Uint8Array | ServedPicture | PictureHandler;

/** Serves pictures on this machine, well or badly, for tests of applications that ferry them. */
export async function startPictureServer(
  pictures: Readonly<Record<string, PictureRoute>>,
  options: ListenOptions = {},
): Promise<PictureServer> {
  const routes = new PictureRoutes(pictures);
  const server = createServer({ requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0 });
  server.on('request', (request, response) => routes.answer(request, response));
  server.on('connection', (socket) => {
    routes.connectionsChanged(1);
    socket.once('close', () => routes.connectionsChanged(-1));
  });
  return new PictureServer(routes, server, await listen(server, options));
}

/**
 * A server of pictures; see {@link startPictureServer}. A path that it does not know with its query is looked for
 * without, and one that it does not know at all is a 404.
 */
export class PictureServer {
  /** Where it listens, without a slash at the end. */
  readonly url: string;
  readonly #routes: PictureRoutes;
  readonly #server: Server;

  /** @internal */
  constructor(routes: PictureRoutes, server: Server, url: string) {
    this.#routes = routes;
    this.#server = server;
    this.url = url;
  }

  /** How many connections are open now. */
  get connections(): number {
    return this.#routes.connections;
  }

  /** The whole URL of a path. */
  urlOf(path: string): string {
    return this.url + path;
  }

  /** How many requests came for a path, or for all together. */
  requests(path?: string): number {
    return this.#routes.requests(path);
  }

  /** Adds a picture or replaces it; a list begins with its first entry. */
  set(path: string, picture: PictureRoute): void {
    this.#routes.set(path, picture);
  }

  /** Resolves when a condition on the counters is true. Asked again whenever one of them changes. */
  waitUntil(
    condition: (server: PictureServer) => boolean,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<void> {
    return this.#routes.waits.until(() => condition(this), options.signal);
  }

  /** Ends it with every connection. Closing twice is closing once. */
  async close(): Promise<void> {
    await closeServer(this.#server);
    await this.#routes.waits.until(() => this.connections === 0);
    this.#routes.waits.end(new Error('the picture server was closed'));
  }
}

/** @internal */
export class PictureRoutes {
  readonly waits: ConditionWaits = new ConditionWaits();
  readonly #queues = new Map<string, OnePicture[]>();
  readonly #requests = new Map<string, number>();
  connections = 0;

  constructor(pictures: Readonly<Record<string, PictureRoute>>) {
    for (const [path, picture] of Object.entries(pictures)) this.set(path, picture);
  }

  set(path: string, picture: PictureRoute): void {
    this.#queues.set(path, isList(picture) ? [...picture] : [picture]);
  }

  requests(path: string | undefined): number {
    if (path !== undefined) return this.#requests.get(path) ?? 0;
    return [...this.#requests.values()].reduce((sum, count) => sum + count, 0);
  }

  connectionsChanged(by: 1 | -1): void {
    this.connections += by;
    this.waits.changed();
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? '';
    this.#requests.set(path, this.requests(path) + 1);
    const picture = this.#next(path);
    if (typeof picture === 'function') picture(request, response);
    else sendPicture(picture, request, response);
    this.waits.changed();
  }

  #next(path: string): PictureHandler | ServedPicture {
    const queue = this.#queues.get(path) ?? this.#queues.get(path.replace(/\?.*/, '')) ?? [];
    const picture = queue.length > 1 ? queue.shift() : queue[0];
    if (picture === undefined)
      return { status: 404, type: 'text/plain', bytes: Buffer.from('no such picture') };
    return picture instanceof Uint8Array ? { bytes: picture } : picture;
  }
}

function isList(picture: PictureRoute): picture is readonly OnePicture[] {
  return Array.isArray(picture);
}

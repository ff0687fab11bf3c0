import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

import type { Hold, HoldOptions } from '../hold.ts';
import { closeServer, listen } from '../loopback-server.ts';
import type { ImgurReply } from './imgur-reply.ts';
import type { ReceivedImage } from './received-image.ts';
import { type ImgurStandInOptions, resolveStandInOptions } from './stand-in-options.ts';
import type { OrderOptions, StandInOrders } from './stand-in-orders.ts';
import { routeRequest } from './stand-in-routes.ts';
import { createStandInState, type StandInState } from './stand-in-state.ts';
import type { StandInRequests } from './stand-in-traffic.ts';

/**
 * Starts a server on this machine that answers like Imgur's API, for tests and for trying things out. Uploads are read
 * as they arrive and never held: what is kept of an image is its digest, its size and its first bytes.
 * @throws InvalidOptionError
 */
export async function startImgurStandIn(options: ImgurStandInOptions = {}): Promise<ImgurStandIn> {
  const state = createStandInState(resolveStandInOptions(options));
  const server = createStandInServer(state);
  return new ImgurStandIn(state, server, await listen(server, options));
}

/** A server that answers like Imgur's API; see {@link startImgurStandIn}. */
export class ImgurStandIn {
  /** Where it listens, without a slash at the end: what stands in for `https://api.imgur.com`. */
  readonly url: string;
  readonly #state: StandInState;
  readonly #server: Server;

  /** @internal */
  constructor(state: StandInState, server: Server, url: string) {
    this.#state = state;
    this.#server = server;
    this.url = url;
  }

  /** What it accepted, oldest first, as it is now: at most the newest `keep`. */
  get images(): readonly ReceivedImage[] {
    return this.#state.images.all();
  }

  /** What it counted so far. */
  get requests(): StandInRequests {
    return this.#state.traffic.counts;
  }

  /**
   * Resolves with the images that are kept once `count` or more have been accepted since the start or the last reset.
   * An image counts when it is stored, which is before its answer leaves.
   */
  async waitFor(
    count: number,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<readonly ReceivedImage[]> {
    await this.waitUntil(({ accepted }) => accepted >= count, options);
    return this.images;
  }

  /** Resolves when a condition on the counters is true. Asked again whenever one of them changes. */
  waitUntil(
    condition: (requests: StandInRequests) => boolean,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<void> {
    return this.#state.waits.until(() => condition(this.requests), options.signal);
  }

  /** Orders the reply to the next POST, or the next few. Orders are carried out one after the other. */
  next(reply: ImgurReply, options: OrderOptions = {}): void {
    this.#ordersOf(options.of).next(reply, options);
  }

  /** Orders the reply to every POST for which there is no other order; `undefined` ends that. */
  always(reply: ImgurReply | undefined, options: Pick<OrderOptions, 'of'> = {}): void {
    this.#ordersOf(options.of).always(reply);
  }

  /** Holds back the answers to uploads, from now on and until it is released. Their images are stored already. */
  hold(options: HoldOptions = {}): Hold {
    return this.#state.holds.add(options);
  }

  /** Accepts a Client-ID or a token no more. */
  revoke(credential: string): void {
    this.#state.credentials.revoke(credential);
  }

  /** Accepts again what was revoked. */
  restore(credential: string): void {
    this.#state.credentials.restore(credential);
  }

  /**
   * Forgets images, counters, orders, holds (those held go on), used-up limits, given tokens and revocations. It keeps
   * listening and its connections stay open.
   */
  reset(): void {
    const { images, traffic, orders, refreshOrders, holds, limits, credentials, waits } = this.#state;
    for (const each of [images, traffic, orders, refreshOrders, limits, credentials]) each.clear();
    holds.releaseAll();
    waits.changed();
  }

  /** Ends it with every connection. Whoever waits for something of it is rejected. Closing twice is closing once. */
  async close(): Promise<void> {
    await closeServer(this.#server);
    this.#state.holds.releaseAll();
    this.#state.waits.end(new Error('the Imgur stand-in was closed'));
  }

  #ordersOf(kind: OrderOptions['of']): StandInOrders {
    return kind === 'refreshes' ? this.#state.refreshOrders : this.#state.orders;
  }
}

function createStandInServer(state: StandInState): Server {
  // Never the one to end a connection: what a test is told by then has to come from the test.
  const server = createServer({ requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0 });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    routeRequest(state, request, response).catch((error: unknown) => answerFault(response, error));
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (error.code?.startsWith('HPE_')) {
      state.traffic.count('garbled');
      state.waits.changed();
    }
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    else socket.destroy();
  });
  return server;
}

function answerFault(response: ServerResponse, error: unknown): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(500, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(`the Imgur stand-in has a fault: ${error instanceof Error ? error.message : String(error)}`);
}

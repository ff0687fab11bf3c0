import type { IncomingMessage, ServerResponse } from 'node:http';

import { streamOf } from './byte-stream.ts';
import type { HttpRequest } from './http-exchange.ts';
import { IncomingBody } from './incoming-body.ts';
import { Problem } from './problem.ts';
import { remoteAddresses } from './remote-addresses.ts';

/** A request of Node's, and what frameworks add to it. */
export interface NodeRequest extends IncomingMessage {
  /** The URL before a router took the prefix off. */
  readonly originalUrl?: string;
  /** What a body parser made of the body. */
  readonly body?: unknown;
}

/** Sees a request of Node's as the endpoints do. */
export function httpRequestOf(incoming: NodeRequest, outgoing: ServerResponse): HttpRequest {
  return new RequestOfNode(incoming, outgoing);
}

/** A class, because of an object with a getter of its own V8 keeps a shape for each until the next full collection. */
class RequestOfNode implements HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly remoteAddress: string | undefined;
  readonly #incoming: NodeRequest;
  readonly #outgoing: ServerResponse;
  readonly #target: string;
  #signal: AbortSignal | undefined;

  constructor(incoming: NodeRequest, outgoing: ServerResponse) {
    const target = targetOf(incoming);
    const queryAt = target.indexOf('?');
    this.method = incoming.method ?? 'GET';
    this.path = queryAt < 0 ? target : target.slice(0, queryAt);
    this.query = queryAt < 0 ? '' : target.slice(queryAt + 1);
    this.remoteAddress = incoming.socket.remoteAddress;
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    this.#target = target;
  }

  get host(): string {
    return this.header('host') ?? '';
  }

  get signal(): AbortSignal {
    this.#signal ??= signalOf(this.#outgoing);
    return this.#signal;
  }

  header(name: string): string | undefined {
    const value = this.#incoming.headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  }

  body(): AsyncIterable<Uint8Array> {
    return bodyOf(this.#incoming);
  }

  toRequest(): Request {
    const { method, remoteAddress } = this;
    if (forbiddenMethods.test(method)) throw notTaken();
    const request = new Request(absoluteUrl(this.#target, this.host), {
      method,
      headers: headersOf(this.#incoming),
      signal: this.signal,
      ...(method === 'GET' || method === 'HEAD'
        ? {}
        : { body: lazyStream(() => this.body()), duplex: 'half' }),
    });
    if (remoteAddress !== undefined) remoteAddresses.set(request, remoteAddress);
    return request;
  }
}

/** A web `Request` can not have them. */
const forbiddenMethods = /^(CONNECT|TRACE|TRACK)$/i;

/** It is nobody's answer but ours, so it has of itself what keeps browsers from keeping and framing it. */
function notTaken(): Problem {
  return new Problem('methodNotAllowed', 'this method is not taken', {
    headers: {
      allow: 'GET, HEAD, POST',
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
    },
  });
}

/** A path; proxies may send the whole URL instead (RFC 9112, 3.2.2). */
function targetOf({ originalUrl, url }: NodeRequest): string {
  const target = originalUrl ?? url ?? '/';
  if (target.startsWith('/') || !URL.canParse(target)) return target;
  const { pathname, search } = new URL(target);
  return pathname + search;
}

/**
 * A Host header of anything but a host could move the path, and so show hooks another one than is served. Whoever names no
 * host is taken for none that there is (RFC 6761, 6.4), least of all for this machine.
 */
function absoluteUrl(target: string, host = ''): string {
  const origin = /^[\w.:[\]-]+$/.test(host) && URL.canParse(`http://${host}`) ? host : 'unknown.invalid';
  return `http://${origin}${target.startsWith('/') ? '' : '/'}${target}`;
}

function headersOf(incoming: IncomingMessage): [string, string][] {
  return Object.entries(incoming.headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((each): [string, string] => [name, each]),
  );
}

function signalOf(outgoing: ServerResponse): AbortSignal {
  const controller = new AbortController();
  const look = (): void => {
    if (!outgoing.writableFinished) controller.abort();
  };
  // It may be asked for when the client is long gone.
  if (outgoing.destroyed) look();
  else outgoing.once('close', look);
  return controller.signal;
}

/** Nothing is read, and no parser is asked, before somebody wants the body. */
function lazyStream(body: () => AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const read = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
    yield* body();
  };
  return streamOf(read());
}

function bodyOf(incoming: NodeRequest): AsyncIterable<Uint8Array> {
  if (!incoming.readableDidRead && !incoming.readableEnded) return new IncomingBody(incoming);
  if (incoming.body === undefined || incoming.body === null) throw Problem.bodyAlreadyRead();
  return onlyChunk(asBytes(incoming.body));
}

/** What a parser made of the body, as it may have been sent. */
function asBytes(parsed: unknown): Uint8Array {
  if (parsed instanceof Uint8Array) return parsed;
  if (typeof parsed === 'string') return Buffer.from(parsed);
  try {
    return Buffer.from(JSON.stringify(parsed));
  } catch {
    throw Problem.at('badRequest', { path: [] }, 'is nested too deep');
  }
}

async function* onlyChunk(chunk: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield chunk;
}

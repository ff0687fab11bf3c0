import { chunksOf, streamOf } from './byte-stream.ts';
import { type Answerer, defaultStallTimeoutMs, type HttpAnswer, type HttpRequest } from './http-exchange.ts';
import type { ConnectionFacts } from './options.ts';
import { Problem } from './problem.ts';
import { remoteAddresses } from './remote-addresses.ts';

/** A web handler: what Deno, Bun, workers, hono and the rest of the fetch world can mount. */
export type FetchHandler = (request: Request) => Promise<Response>;

/**
 * A web handler that is told of the connection beside the request.
 *
 * A response of it that has the property `Symbol.for('imgferry.unrouted')` with the value `true` says that nothing of
 * it is at that path: `toNodeHandler` calls `next` instead of sending it, where there is one.
 */
export type ConnectedHandler = (request: Request, connection: ConnectionFacts) => Promise<Response>;

const answerers = new WeakMap<object, Answerer>();
/** Registered, so that whoever answers with it needs nothing of this package. */
const unrouted = Symbol.for('imgferry.unrouted');

/** Makes a web handler of an answerer. */
export function fetchHandlerOf(answer: Answerer): FetchHandler {
  const handler = async (request: Request): Promise<Response> =>
    responseOf(await answer(requestOf(request)), request);
  answerers.set(handler, answer);
  return handler;
}

/** The answerer inside a web handler; for a handler of someone else, one that goes through its `Request` and `Response`. */
export function answererOf(handler: ConnectedHandler): Answerer {
  const answer: Answerer = async (request) => {
    const { remoteAddress } = request;
    return answerOf(await handler(request.toRequest(), { remoteAddress }));
  };
  return answerers.get(handler) ?? answer;
}

/** A web response as a plain answer. */
export function answerOf(response: Response): HttpAnswer {
  const headers: Record<string, string | string[]> = Object.fromEntries(response.headers);
  const cookies = response.headers.getSetCookie();
  if (cookies.length > 0) headers['set-cookie'] = cookies;
  return {
    status: response.status,
    headers,
    unrouted: Reflect.get(response, unrouted) === true,
    ...(response.body === null ? {} : { body: chunksOf(response.body) }),
  };
}

function requestOf(request: Request): HttpRequest {
  const { pathname, search, host } = new URL(request.url);
  return {
    method: request.method,
    path: pathname,
    query: search.slice(1),
    host,
    remoteAddress: remoteAddresses.get(request),
    signal: request.signal,
    header: (name) => request.headers.get(name) ?? undefined,
    body: () => bodyOf(request),
    toRequest: () => request,
  };
}

function bodyOf(request: Request): AsyncIterable<Uint8Array> {
  if (request.bodyUsed) throw Problem.bodyAlreadyRead();
  return chunksOf(request.body ?? new Blob([]).stream());
}

function responseOf(answer: HttpAnswer, request: Request): Response {
  const response = new Response(request.method === 'HEAD' ? null : webBody(answer, request), {
    status: answer.status,
    headers: Object.entries(answer.headers).flatMap(([name, value]) =>
      [value].flat().map((each): [string, string] => [name, each]),
    ),
  });
  if (answer.unrouted) Object.defineProperty(response, unrouted, { value: true });
  return response;
}

function webBody(
  { body, stallTimeoutMs = defaultStallTimeoutMs }: HttpAnswer,
  { signal }: Request,
): string | ReadableStream<Uint8Array> | null {
  if (body === undefined || typeof body === 'string') return body ?? null;
  return streamOf(body, { stallTimeoutMs, signal });
}

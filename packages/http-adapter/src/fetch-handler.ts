import { redactError } from '@imgferry/core';
import { corsHeaders, isPreflight, preflightAnswer } from './cors.ts';
import { refuseForeignPage } from './cross-origin.ts';
import type { Endpoint } from './endpoint.ts';
import { EventStreams } from './event-streams.ts';
import { answerOf, type FetchHandler, fetchHandlerOf } from './fetch-bridge.ts';
import type { HttpAnswer, HttpRequest } from './http-exchange.ts';
import { noSuchJob } from './job-endpoint.ts';
import { isJobId } from './job-id.ts';
import { type FetchHandlerOptions, type ResolvedOptions, resolveOptions } from './options.ts';
import { isOurs, Problem, problemAnswer, problemOf } from './problem.ts';
import { allowed, type FoundRoute, findRoute, type Route } from './routes.ts';
import type { ServedUploader } from './served-uploader.ts';
import { watchedBody } from './watched-body.ts';

/**
 * Makes the endpoints of an uploader: a web handler that runs wherever `Request` and `Response` do, and behind
 * `toNodeHandler` on Node's servers. It opens nothing, starts nothing and never rejects.
 * @throws InvalidOptionError
 */
export function createFetchHandler(
  uploader: ServedUploader,
  options: FetchHandlerOptions = {},
): FetchHandler {
  const endpoints = new Endpoints(uploader, resolveOptions(options));
  return fetchHandlerOf((request) => endpoints.answer(request));
}

/** Views change with every upload, and an answer is what its type says it is. */
const commonHeaders = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

class Endpoints {
  readonly #uploader: ServedUploader;
  readonly #options: ResolvedOptions;
  readonly #streams: EventStreams;

  constructor(uploader: ServedUploader, options: ResolvedOptions) {
    this.#uploader = uploader;
    this.#options = options;
    this.#streams = new EventStreams(options);
  }

  async answer(request: HttpRequest): Promise<HttpAnswer> {
    const found = this.#find(request.path);
    const answer = await this.#answerOrRefuse(request, found);
    const { status, body } = answer;
    return {
      status,
      headers: this.#headersOf(request, answer),
      unrouted: found === undefined,
      stallTimeoutMs: this.#options.stallTimeoutMs,
      ...(body === undefined ? {} : { body: this.#watched(request, body) }),
    };
  }

  async #answerOrRefuse(request: HttpRequest, found: FoundRoute | undefined): Promise<HttpAnswer> {
    try {
      return await this.#serve(request, found);
    } catch (error) {
      return this.#refuse(request, error);
    }
  }

  #headersOf(request: HttpRequest, { headers }: HttpAnswer): HttpAnswer['headers'] {
    if (this.#options.cors === undefined) return { ...commonHeaders, ...headers };
    const cors = corsHeaders(this.#options.cors, request);
    return { ...commonHeaders, ...cors, ...headers, ...bothVary(cors, headers) };
  }

  #find(path: string): FoundRoute | undefined {
    const { basePath, operator } = this.#options;
    const isBelow = path.startsWith(basePath) && isPlain(path);
    const found = isBelow ? findRoute(path.slice(basePath.length)) : undefined;
    return found?.route.operator && operator === undefined ? undefined : found;
  }

  async #serve(request: HttpRequest, found: FoundRoute | undefined): Promise<HttpAnswer> {
    if (found === undefined) throw new Problem('notFound', 'there is nothing at this path');
    const { route } = found;
    const { jobId, host = '' } = found.names;
    const { cors } = this.#options;
    if (cors !== undefined && isPreflight(request)) return preflightAnswer(cors, request, allowed(route));
    const endpoint = endpointOf(route, request.method);
    refuseForeignPage(cors, request);
    const refusal = this.#isAsked(route) ? await this.#refusal(request, route) : undefined;
    if (refusal !== undefined) return answerOf(refusal);
    if (jobId !== undefined && !isJobId(jobId)) throw noSuchJob();
    return await endpoint({
      request,
      jobId: jobId ?? '',
      host,
      uploader: this.#uploader,
      options: this.#options,
      streams: this.#streams,
    });
  }

  /** Whether hooks of the application are to be asked. */
  #isAsked({ open, operator }: Route): boolean {
    return !open && (operator === true || this.#options.authorize !== undefined);
  }

  /** What they answer instead. */
  async #refusal(request: HttpRequest, { operator }: Route): Promise<Response | undefined> {
    const refusal = await this.#options.authorize?.(request.toRequest());
    return refusal ?? (operator ? await this.#options.operator?.(request.toRequest()) : undefined);
  }

  #refuse(request: HttpRequest, error: unknown): HttpAnswer {
    const problem = problemOf(error);
    if (isOurs(problem))
      this.#options.logger.error(
        { err: redactError(error), ...facts(request) },
        'a request could not be answered',
      );
    return problemAnswer(problem);
  }

  /** What goes wrong once an answer has begun can only be logged: the connection ends, so nobody takes it for whole. */
  #watched(request: HttpRequest, body: NonNullable<HttpAnswer['body']>): NonNullable<HttpAnswer['body']> {
    if (typeof body === 'string') return body;
    const { logger } = this.#options;
    return watchedBody(body, (error) =>
      logger.error({ err: redactError(error), ...facts(request) }, 'an answer broke off'),
    );
  }
}

/** A path that has nothing in it that a URL could read otherwise, so that most need not be parsed. */
const surelyPlain = /^(?:\/[\w~-]+)+$/;

/** A path that a URL reads as another one is none: hooks would be shown another path than is served. */
function isPlain(path: string): boolean {
  return surelyPlain.test(path) || URL.parse(`http://localhost${path}`)?.pathname === path;
}

function endpointOf(route: Route, method: string): Endpoint {
  const endpoint = Object.hasOwn(route.methods, method) ? route.methods[method] : undefined;
  if (endpoint !== undefined) return endpoint;
  throw new Problem('methodNotAllowed', 'this path does not take that method', {
    headers: { allow: allowed(route) },
  });
}

/** An answer that differs by what its reader accepts says so beside what CORS says. */
function bothVary(...all: HttpAnswer['headers'][]): Record<string, string> {
  const named = all.flatMap(({ vary }) => vary ?? []);
  return named.length === 0 ? {} : { vary: named.join(', ') };
}

function facts({ method, path }: HttpRequest): object {
  return { method: method.slice(0, 20), path: path.slice(0, 200) };
}

import { redactError } from '@imgferry/core';
import type { Visitor } from './access/visitor.ts';
import type { Connection } from './client.ts';
import { sealed, unkept } from './headers.ts';
import { Live } from './live/live.ts';
import { retryMs } from './live/places.ts';
import type { MonitoredUploader } from './monitored-uploader.ts';
import { isBelow, notOurs } from './mount.ts';
import { type MonitorOptions, type ResolvedOptions, resolveOptions } from './options.ts';
import { isOurs, Problem, problemAnswer, problemOf } from './problem.ts';
import { Readings } from './read/readings.ts';
import { type FoundRoute, findRoute, type Route } from './routes.ts';
import { refuseForeignPage, requireOurPage, requireWriteHeader } from './same-origin.ts';
import { type Shown, shownBy } from './shown.ts';

/** A web handler. What is known of the connection comes beside the request. */
export type Monitor = (request: Request, connection?: Connection) => Promise<Response>;

/**
 * Makes the monitor of an uploader, or of the fleet that it belongs to: a page to watch and steer by, the data behind
 * it, and metrics. It reads the store and keeps nothing, opens nothing, starts nothing until somebody watches, and never
 * rejects.
 * @throws InvalidOptionError also when `access` is left out
 */
export function createMonitor(uploader: MonitoredUploader, options: MonitorOptions): Monitor {
  const desk = new MonitorDesk(uploader, resolveOptions(options));
  return (request, connection = {}) => desk.answer(request, connection);
}

class MonitorDesk {
  readonly #uploader: MonitoredUploader;
  readonly #options: ResolvedOptions;
  readonly #shown: Shown;
  readonly #readings: Readings;
  readonly #live: Live;

  constructor(uploader: MonitoredUploader, options: ResolvedOptions) {
    this.#uploader = uploader;
    this.#options = options;
    this.#shown = shownBy(options);
    this.#readings = new Readings(uploader, options.refreshMs);
    this.#live = new Live({ uploader, readings: this.#readings, shown: this.#shown }, options);
  }

  async answer(request: Request, connection: Connection): Promise<Response> {
    if (!isBelow(this.#options.basePath, request)) return notOurs(request);
    try {
      this.#requireOpen();
      refuseForeignPage(request, this.#options.basePath);
      const entered = await this.#options.gate.enter(request, connection);
      if (entered instanceof Response) return await unkept(entered);
      return sealed(await this.#serve(request, connection, entered), request.method);
    } catch (error) {
      return sealed(problemAnswer(this.#told(request, error)), request.method);
    }
  }

  async #serve(request: Request, connection: Connection, visitor: Visitor): Promise<Response> {
    // It may have ended while somebody was asked who this is.
    this.#requireOpen();
    const { pathname, search, searchParams } = new URL(request.url);
    if (pathname === this.#options.basePath) return toItsFolder(pathname, search);
    const { route, name } = this.#find(pathname);
    requireMethod(route, request.method);
    if (route.isForWriters) requireWriter(visitor, request);
    return route.answer({
      request,
      connection,
      visitor,
      name,
      query: searchParams,
      waiter: { signal: request.signal },
      uploader: this.#uploader,
      readings: this.#readings,
      shown: this.#shown,
      options: this.#options,
      logger: this.#options.logger,
      live: this.#live,
    });
  }

  #requireOpen(): void {
    if (this.#options.signal?.aborted) throw Problem.later('full', 'the monitor is being stopped', retryMs);
  }

  #find(path: string): FoundRoute {
    const found = findRoute(path.slice(this.#options.basePath.length));
    if (found !== undefined) return found;
    throw new Problem('notFound', 'there is nothing at this path');
  }

  #told({ method, url }: Request, error: unknown): Problem {
    const problem = problemOf(error);
    if (isOurs(problem))
      this.#options.logger.error(
        { err: redactError(error), method, path: new URL(url).pathname.slice(0, 200) },
        'a request to the monitor could not be answered',
      );
    return problem;
  }
}

/** What the page names is beside it. Relative, as a proxy in front may know the mount by another path. */
function toItsFolder(path: string, search: string): Response {
  const location = `${path.slice(path.lastIndexOf('/') + 1)}/${search}`;
  return new Response(null, { status: 308, headers: { location: `./${location}` } });
}

function requireMethod({ method }: Route, asked: string): void {
  if (asked === method || (asked === 'HEAD' && method === 'GET')) return;
  throw new Problem('methodNotAllowed', 'this path does not take that method', {
    headers: { allow: method === 'GET' ? 'GET, HEAD' : method },
  });
}

function requireWriter({ role }: Visitor, request: Request): void {
  if (role !== 'write') throw new Problem('forbidden', 'you may look here and change nothing');
  requireOurPage(request);
  requireWriteHeader(request);
}

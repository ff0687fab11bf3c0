import type { Role } from '../access/visitor.ts';
import type { Call } from '../call.ts';
import type { ResolvedOptions } from '../options.ts';
import { Problem } from '../problem.ts';
import type { Readings } from '../read/readings.ts';
import { LiveStream } from './live-stream.ts';
import { Places, retryMs } from './places.ts';
import { type Surroundings, Watches, watchesIn } from './watches.ts';

/** How often one who watches is asked anew whether they may, in milliseconds. */
const askAgainMs = 60_000;

/** The streams that are open. */
export class Live {
  readonly #options: ResolvedOptions;
  readonly #readings: Readings;
  readonly #watches: Watches;
  readonly #places: Places;

  constructor(around: Surroundings, options: ResolvedOptions) {
    this.#options = options;
    this.#readings = around.readings;
    this.#watches = new Watches(around, options);
    this.#places = new Places(options);
  }

  /** How many streams are open, and how many looks there are for them. */
  get size(): { readonly streams: number; readonly looks: number } {
    return { streams: this.#places.taken, looks: this.#watches.size };
  }

  /**
   * Something was changed by this monitor: all that is watched is looked at again at once, and told. So whoever steered
   * sees what came of it, also when that is what was there before.
   */
  lookAgain(): void {
    this.#readings.forget();
    this.#watches.lookAgain();
  }

  /** `GET /api/live`. @throws Problem */
  stream({ request, connection, visitor, query }: Call): Response {
    const watched = watchesIn(query);
    const headers = { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' };
    if (request.method === 'HEAD') return new Response(null, { headers });
    if (!this.#watches.hasRoomFor(watched))
      throw Problem.later('full', 'too many different things are watched now', retryMs);
    const leave = this.#places.take(this.#options.clientOf(request, connection));
    let asking: ReturnType<typeof setInterval> | undefined;
    const over = new AbortController();
    const stream = new LiveStream({
      watches: this.#watches,
      watched,
      role: visitor.role,
      signal: request.signal,
      onEnd: () => {
        leave();
        clearInterval(asking);
        over.abort();
      },
    });
    this.#options.signal?.addEventListener('abort', stream.end, { signal: over.signal });
    if (this.#options.gate.mayRevoke && !request.signal.aborted)
      asking = this.#askAgain(request, connection, visitor.role, stream.end);
    return new Response(stream.body, { headers });
  }

  /** The hook is asked about the request that it knows, which is kept whole for that, cookie and all. */
  #askAgain(
    request: Request,
    connection: Call['connection'],
    role: Role,
    end: () => void,
  ): ReturnType<typeof setInterval> {
    return setInterval(() => void this.#ask(request, connection, role, end), askAgainMs);
  }

  /** Whoever is no longer let in, or no longer as they were, watches no longer. */
  async #ask(request: Request, connection: Call['connection'], role: Role, end: () => void): Promise<void> {
    try {
      const entered = await this.#options.gate.enter(request, connection);
      if (entered instanceof Response || entered.role !== role) end();
    } catch {
      end();
    }
  }
}

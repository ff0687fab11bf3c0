import type { Role } from '../access/visitor.ts';
import type { Call, Look } from '../call.ts';
import type { Connection } from '../connection.ts';
import type { ResolvedOptions } from '../options.ts';
import { LiveStream } from './live-stream.ts';
import { Places } from './places.ts';
import { Watches, watchesIn } from './watches.ts';

/** How often one who watches is asked anew whether they may, in milliseconds. */
const askAgainMs = 60_000;

/** The streams that are open. */
export class Live {
  readonly #options: ResolvedOptions;
  readonly #watches: Watches;
  readonly #places: Places;

  constructor(around: Pick<Look, 'uploader' | 'shown'>, options: ResolvedOptions) {
    this.#options = options;
    this.#watches = new Watches(around, options);
    this.#places = new Places(options);
  }

  /** How many streams are open, and how many looks there are for them. */
  get size(): { readonly streams: number; readonly looks: number } {
    return { streams: this.#places.taken, looks: this.#watches.size };
  }

  /** `GET /api/live`. @throws Problem */
  stream({ request, connection, visitor, query }: Call): Response {
    const watched = watchesIn(query);
    const headers = { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' };
    if (request.method === 'HEAD') return new Response(null, { headers });
    const leave = this.#places.take(this.#options.clientOf(request, connection));
    let asking: ReturnType<typeof setInterval> | undefined;
    const stream = new LiveStream({
      watches: this.#watches,
      watched,
      role: visitor.role,
      signal: request.signal,
      onEnd: () => {
        leave();
        clearInterval(asking);
      },
    });
    if (this.#options.gate.mayRevoke && !request.signal.aborted)
      asking = this.#askAgain(request, connection, visitor.role, stream.end);
    return new Response(stream.body, { headers });
  }

  /** The hook is asked about the request that it knows, which is kept whole for that, cookie and all. */
  #askAgain(
    request: Request,
    connection: Connection,
    role: Role,
    end: () => void,
  ): ReturnType<typeof setInterval> {
    return setInterval(() => void this.#ask(request, connection, role, end), askAgainMs);
  }

  /** Whoever is no longer let in, or no longer as they were, watches no longer. */
  async #ask(request: Request, connection: Connection, role: Role, end: () => void): Promise<void> {
    try {
      const entered = await this.#options.gate.enter(request, connection);
      if (entered instanceof Response || entered.role !== role) end();
    } catch {
      end();
    }
  }
}

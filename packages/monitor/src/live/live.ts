import type { Visitor } from '../access/visitor.ts';
import type { Call, Look } from '../call.ts';
import type { ResolvedOptions } from '../options.ts';
import { Problem } from '../problem.ts';
import { LiveStream } from './live-stream.ts';
import { Watches, watchesIn } from './watches.ts';

const retryMs = 5_000;
/** How often one who watches is asked anew whether they may, in milliseconds. */
const askAgainMs = 60_000;

/** The streams that are open. */
export class Live {
  readonly #options: ResolvedOptions;
  readonly #watches: Watches;
  #open = 0;

  constructor(around: Pick<Look, 'uploader' | 'shown'>, options: ResolvedOptions) {
    this.#options = options;
    this.#watches = new Watches(around, options);
  }

  /** How many streams are open, and how many looks there are for them. */
  get size(): { readonly streams: number; readonly looks: number } {
    return { streams: this.#open, looks: this.#watches.size };
  }

  /** `GET /api/live`. @throws Problem */
  stream({ request, connection, visitor, query }: Call): Response {
    const watched = watchesIn(query);
    const headers = { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' };
    if (request.method === 'HEAD') return new Response(null, { headers });
    if (this.#open >= this.#options.maxStreams)
      throw Problem.later('unavailable', 'too many pages watch now', retryMs);
    this.#open += 1;
    let asking: ReturnType<typeof setInterval> | undefined;
    const stream = new LiveStream({
      watches: this.#watches,
      watched,
      role: visitor.role,
      signal: request.signal,
      onEnd: () => {
        this.#open -= 1;
        clearInterval(asking);
      },
    });
    if (this.#options.gate.mayRevoke && !request.signal.aborted)
      asking = setInterval(() => void this.#ask(request, connection, visitor, stream.end), askAgainMs);
    return new Response(stream.body, { headers });
  }

  /** Whoever is no longer let in, or no longer as they were, watches no longer. */
  async #ask(
    request: Request,
    connection: Call['connection'],
    { role }: Visitor,
    end: () => void,
  ): Promise<void> {
    try {
      const entered = await this.#options.gate.enter(request, connection);
      if (entered instanceof Response || entered.role !== role) end();
    } catch {
      end();
    }
  }
}

import type { Visitor } from '../access/visitor.ts';
import type { Call } from '../call.ts';
import type { ResolvedOptions } from '../options.ts';
import { Problem } from '../problem.ts';
import type { Readings } from '../read/readings.ts';
import { LiveStream } from './live-stream.ts';
import { type Surroundings, Watches, watchesIn } from './watches.ts';

const retryMs = 5_000;
/** How often one who watches is asked anew whether they may, in milliseconds. */
const askAgainMs = 60_000;

/** The streams that are open. */
export class Live {
  readonly #options: ResolvedOptions;
  readonly #readings: Readings;
  readonly #watches: Watches;
  #open = 0;

  constructor(around: Surroundings, options: ResolvedOptions) {
    this.#options = options;
    this.#readings = around.readings;
    this.#watches = new Watches(around, options);
  }

  /** How many streams are open, and how many looks there are for them. */
  get size(): { readonly streams: number; readonly looks: number } {
    return { streams: this.#open, looks: this.#watches.size };
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
    if (this.#open >= this.#options.maxStreams)
      throw Problem.later('unavailable', 'too many pages watch now', retryMs);
    if (!this.#watches.hasRoomFor(watched))
      throw Problem.later('unavailable', 'too many different things are watched now', retryMs);
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

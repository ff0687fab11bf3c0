import type { Call } from '../call.ts';
import type { ResolvedOptions } from '../options.ts';
import { Problem } from '../problem.ts';
import { inTime } from '../read/in-time.ts';
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
  stream(call: Call): Response {
    const { request, connection, visitor, query } = call;
    const watched = watchesIn(query);
    const headers = { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' };
    if (request.method === 'HEAD') return new Response(null, { headers });
    if (!this.#watches.hasRoomFor(watched))
      throw Problem.later('full', 'too many different things are watched now', retryMs);
    const leave = this.#places.take(this.#options.clientOf(request, connection));
    const over = new AbortController();
    const stream = new LiveStream({
      watches: this.#watches,
      watched,
      role: visitor.role,
      clock: this.#readings,
      request,
      onEnd: () => {
        leave();
        over.abort();
      },
    });
    this.#options.signal?.addEventListener('abort', stream.end, { signal: over.signal });
    if (this.#options.gate.mayRevoke) this.#askLater(call, over.signal, stream.end);
    return new Response(stream.body, { headers });
  }

  /** Asks whether who watches still may, one question after the other, until it is over. */
  #askLater(call: Call, over: AbortSignal, end: () => void): void {
    if (over.aborted) return;
    const ask = async (): Promise<void> => {
      if (await this.#mayStill(call)) this.#askLater(call, over, end);
      else end();
    };
    const timer = setTimeout(() => void ask(), askAgainMs);
    over.onabort = () => clearTimeout(timer);
  }

  /** The hook is asked about the request that it knows, cookie and all. One that does not answer lets nobody in. */
  async #mayStill({ request, connection, visitor }: Call): Promise<boolean> {
    try {
      const entered = await inTime(async () => this.#options.gate.enter(request, connection));
      return !(entered instanceof Response) && entered.role === visitor.role;
    } catch {
      return false;
    }
  }
}

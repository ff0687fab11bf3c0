import { TransferError } from '../transfer-error.ts';
import type { Target } from './target.ts';

/** Of so many URLs it is remembered where their redirects led. */
const mostUrls = 100_000;
/** So many hosts are remembered of one URL. */
const mostHosts = 3;

/**
 * Where redirects led to hosts that were busy. Whoever comes back takes the turns at those first: else the host that
 * redirects would be asked each time, for nothing.
 */
export class BusyRoutes {
  readonly #routes = new Map<number, readonly Target[]>();

  /** The targets that were busy, of a URL. */
  of(start: Target): readonly Target[] {
    return this.#routes.size === 0 ? [] : (this.#routes.get(start.url) ?? []);
  }

  /**
   * A redirect of this URL led to a host that is busy.
   * @returns What is told of it. Who could not have known keeps the attempt; a route that is another one each time costs it.
   */
  met(start: Target, target: Target, refusal: TransferError): TransferError {
    const known = this.of(start);
    const isNew = known.length < mostHosts && known.every(({ host }) => host !== target.host);
    if (!isNew) return wandering(refusal);
    this.#routes.delete(start.url);
    // The number alone: URLs are long.
    this.#routes.set(start.url, [...known, { host: target.host, url: target.url }]);
    const [oldest] = this.#routes.keys();
    if (this.#routes.size > mostUrls && oldest !== undefined) this.#routes.delete(oldest);
    return refusal;
  }

  forget(start: Target): void {
    if (this.#routes.size > 0) this.#routes.delete(start.url);
  }
}

function wandering({ retryAfterMs = 0 }: TransferError): TransferError {
  const message = 'the source redirects to one busy host after another';
  return new TransferError('source_unavailable', message, { retry: 'later', retryAfterMs });
}

import { StoreUnavailableError } from './errors.ts';
import type { Failure } from './failure.ts';
import { faultFacts } from './fault-facts.ts';
import { imageDigest } from './image-digest.ts';
import { inTime } from './in-time.ts';
import type { CompleteOutcome } from './job.ts';
import type { Lease } from './lease.ts';
import type { ResolvedOptions } from './options.ts';
import type { SingleFlight } from './single-flight.ts';
import type { SourceImage } from './source.ts';
import { TransferError } from './transfer-error.ts';
import { unlessAborted } from './unless-aborted.ts';

/** For how long a store is asked. An image is soon sent instead. */
const recallTimeoutMs = 3_000;

/** What uploads of the same bytes have in common: the link, or that the host refuses them for good. */
export type Known = { readonly link: string } | { readonly failure: Failure };

/**
 * What is known of an upload's image from uploads before it. Uploads of one process that have the same bytes wait for
 * the first of them, and have what it comes to. Those of other processes do not: both may be sent.
 */
export class Recollection {
  readonly #lease: Lease;
  readonly #options: ResolvedOptions;
  readonly #flights: SingleFlight<Known>;
  #digest: string | undefined;
  #link: string | undefined;
  #endFlight: ((known?: Known) => void) | undefined;

  constructor(lease: Lease, options: ResolvedOptions, flights: SingleFlight<Known>) {
    this.#lease = lease;
    this.#options = options;
    this.#flights = flights;
  }

  /** What the outcome has to say of it: that the link was there, or that it is to be. A link found is as old as it was. */
  get marks(): Pick<CompleteOutcome, 'reused' | 'remember'> {
    if (this.#link !== undefined) return { reused: true };
    if (this.#digest === undefined) return {};
    return { remember: { digest: this.#digest, ttlMs: this.#options.rememberImagesMs } };
  }

  /**
   * The link that the same bytes have already. A stream is never known: it can be read only once. Without an answer
   * others wait for this upload until {@link leave}. Rejects with a `TransferError` when the host has just refused the
   * same bytes for good, with the signal's reason when it aborts, and for nothing else.
   */
  async recall({ body }: SourceImage, signal: AbortSignal): Promise<{ readonly link: string } | undefined> {
    const digest = isCollected(body) ? await this.#digestOf(body, signal) : undefined;
    if (digest !== this.#digest) this.leave();
    this.#digest = digest;
    const known = digest === undefined ? undefined : await this.#look(digest, signal);
    if (known === undefined) return undefined;
    this.leave(known);
    if ('failure' in known)
      throw new TransferError(known.failure.code, known.failure.message, { retry: 'never' });
    this.#link = known.link;
    return known;
  }

  /** Whoever waits with the same bytes goes on, with what is known if it is. Doing it twice is doing it once. */
  leave(known?: Known): void {
    this.#endFlight?.(known);
    this.#endFlight = undefined;
  }

  async #look(digest: string, signal: AbortSignal): Promise<Known | undefined> {
    if (this.#endFlight === undefined) {
      const joined = await this.#flights.join(digest, signal);
      if ('found' in joined) return joined.found;
      this.#endFlight = joined.end;
    }
    const link = await this.#ask(digest, signal);
    return link === undefined ? undefined : { link };
  }

  #digestOf(chunks: readonly Uint8Array[], signal: AbortSignal): Promise<string> {
    const options = Object.entries(this.#lease.options).sort();
    return imageDigest(chunks, [this.#options.host.name, options], signal);
  }

  /** A store that can not say, or not soon, costs nobody the upload. */
  async #ask(digest: string, signal: AbortSignal): Promise<string | undefined> {
    const { store, logger } = this.#options;
    try {
      const recalled = unlessAborted(store.recall(digest), signal);
      const link = await inTime(recalled, recallTimeoutMs, () => {
        throw new StoreUnavailableError('the store did not answer in time');
      });
      return typeof link === 'string' && link !== '' ? link : undefined;
    } catch (error) {
      signal.throwIfAborted();
      logger.warn(
        faultFacts(this.#lease, error),
        'the store could not say whether an image has a link already; it is uploaded',
      );
      return undefined;
    }
  }
}

function isCollected(body: SourceImage['body']): body is readonly Uint8Array[] {
  return Array.isArray(body);
}

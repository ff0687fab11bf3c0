import { faultFacts } from './fault-facts.ts';
import { imageDigest } from './image-digest.ts';
import type { CompleteOutcome } from './job.ts';
import type { Lease } from './lease.ts';
import type { ResolvedOptions } from './options.ts';
import type { SourceImage } from './source.ts';
import type { Turns } from './turns.ts';

/**
 * What is known of an upload's image from uploads before it. Uploads of one process that have the same bytes take turns,
 * so that the others get the link that the first has found or was given. Those of other processes do not: both may be sent.
 */
export class Recollection {
  readonly #lease: Lease;
  readonly #options: ResolvedOptions;
  readonly #turns: Turns;
  #digest: string | undefined;
  #link: string | undefined;
  #endTurn: ((link?: string) => void) | undefined;

  constructor(lease: Lease, options: ResolvedOptions, turns: Turns) {
    this.#lease = lease;
    this.#options = options;
    this.#turns = turns;
  }

  /** What the outcome has to say of it: that the link was there, or that it is to be. A link found is as old as it was. */
  get marks(): Pick<CompleteOutcome, 'reused' | 'remember'> {
    if (this.#link !== undefined) return { reused: true };
    if (this.#digest === undefined) return {};
    return { remember: { digest: this.#digest, ttlMs: this.#options.rememberImagesMs } };
  }

  /**
   * The link that the same bytes have already. A stream is never known: it can be read only once. Without an answer the
   * turn stays with this upload until {@link leave}. Rejects when the signal aborts, and for nothing else.
   */
  async recall({ body }: SourceImage, signal: AbortSignal): Promise<{ readonly link: string } | undefined> {
    const digest = isCollected(body) ? await this.#digestOf(body, signal) : undefined;
    if (digest !== this.#digest) this.leave();
    this.#digest = digest;
    if (digest === undefined) return undefined;
    this.#link = await this.#look(digest, signal);
    if (this.#link === undefined) return undefined;
    this.leave(this.#link);
    return { link: this.#link };
  }

  /** Whoever waits with the same bytes goes on, with the link if they have one. Doing it twice is doing it once. */
  leave(link?: string): void {
    this.#endTurn?.(link);
    this.#endTurn = undefined;
  }

  async #look(digest: string, signal: AbortSignal): Promise<string | undefined> {
    if (this.#endTurn === undefined) {
      const turn = await this.#turns.take(digest, signal);
      if ('found' in turn) return turn.found;
      this.#endTurn = turn.end;
    }
    return await this.#ask(digest);
  }

  #digestOf(chunks: readonly Uint8Array[], signal: AbortSignal): Promise<string> {
    const options = Object.entries(this.#lease.options).sort();
    return imageDigest(chunks, [this.#options.host.name, options], signal);
  }

  /** A store that can not say costs nobody the upload. */
  async #ask(digest: string): Promise<string | undefined> {
    const { store, logger } = this.#options;
    try {
      const link = await store.recall(digest);
      return typeof link === 'string' && link !== '' ? link : undefined;
    } catch (error) {
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

import { TransferError } from '../transfer-error.ts';

/** A wait that is worth a word. Below it, it is how networks are. */
const momentMs = 1_000;

/**
 * Whose turn it is while a body leaves: the source's, to give the next piece, or the host's, to take it. Who was waited
 * for is who is at fault when the host gives up on a request that it never had whole.
 */
export class BodyTurns {
  readonly #now: () => number;
  #beganAtMs: number | undefined;
  /** Since when the source is waited for; `undefined` while it is the host's turn. */
  #askedAtMs: number | undefined;
  #waitedMs = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  get ofSource(): boolean {
    return this.#askedAtMs !== undefined;
  }

  toSource(): void {
    this.#askedAtMs = this.#now();
    this.#beganAtMs ??= this.#askedAtMs;
  }

  toHost(): void {
    this.#waitedMs += this.#pendingMs();
    this.#askedAtMs = undefined;
  }

  /** For how long the source has been waited for in all. */
  get waitedMs(): number {
    return this.#waitedMs + this.#pendingMs();
  }

  /**
   * The source keeps the host waiting right now, or did for a quarter of the time: a piece given in the last moment does
   * not make up for that.
   */
  get sourceIsLate(): boolean {
    const allMs = this.#now() - (this.#beganAtMs ?? this.#now());
    return this.#pendingMs() > momentMs || (this.waitedMs > momentMs && this.waitedMs > allMs / 4);
  }

  #pendingMs(): number {
    return this.#askedAtMs === undefined ? 0 : Math.max(0, this.#now() - this.#askedAtMs);
  }
}

/** A host gives up on a request that does not come, which says nothing against it. The end of the form never left. */
export function sourceTooSlow(cause?: Error): TransferError {
  const fact = 'the source was so slow that Imgur did not wait for the rest of the image';
  return new TransferError('source_timeout', fact, { retry: 'later', cause });
}

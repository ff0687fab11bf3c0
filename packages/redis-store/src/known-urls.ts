/** URLs of a part of a job, and which job of its id that is. */
export interface UrlPart {
  /** The job's position in the store and when it was created: no two jobs have the same. */
  readonly position: string;
  readonly urls: readonly string[];
}

interface Kept extends UrlPart {
  readonly characters: number;
}

/** What a part and a URL take beside their characters, in characters. */
const perPart = 200;
const perUrl = 32;

/**
 * URLs that were read last, by the part of a job that they are, up to so many characters: they never change, and whoever
 * asks how far a job is asks again.
 */
export class KnownUrls {
  readonly #maxCharacters: number;
  readonly #parts = new Map<string, Kept>();
  #characters = 0;

  constructor(maxCharacters: number) {
    this.#maxCharacters = maxCharacters;
  }

  find(part: string): UrlPart | undefined {
    const kept = this.#parts.get(part);
    if (kept === undefined) return undefined;
    // The one that was wanted least lately is first.
    this.#parts.delete(part);
    this.#parts.set(part, kept);
    return kept;
  }

  keep(part: string, { position, urls }: UrlPart): void {
    this.#forget(part);
    const characters = urls.reduce((sum, { length }) => sum + length + perUrl, part.length + perPart);
    this.#parts.set(part, { position, urls, characters });
    this.#characters += characters;
    for (const oldest of this.#parts.keys()) {
      if (this.#characters <= this.#maxCharacters) return;
      this.#forget(oldest);
    }
  }

  #forget(part: string): void {
    this.#characters -= this.#parts.get(part)?.characters ?? 0;
    this.#parts.delete(part);
  }
}

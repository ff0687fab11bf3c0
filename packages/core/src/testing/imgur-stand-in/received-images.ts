import type { ReceivedImage } from './received-image.ts';

/** The newest images that were accepted, found by id and by deletehash. */
export class ReceivedImages {
  readonly #keep: number;
  readonly #byDeleteHash = new Map<string, ReceivedImage>();
  readonly #deleteHashById = new Map<string, string>();

  constructor(keep: number) {
    this.#keep = keep;
  }

  add(image: ReceivedImage): void {
    this.#byDeleteHash.set(image.deleteHash, image);
    this.#deleteHashById.set(image.id, image.deleteHash);
    if (this.#byDeleteHash.size > this.#keep) this.#forgetOldest();
  }

  /** Those that are kept, oldest first. */
  all(): ReceivedImage[] {
    return [...this.#byDeleteHash.values()];
  }

  /** An image that is there, by its id. */
  get(id: string): ReceivedImage | undefined {
    const image = this.#byDeleteHash.get(this.#deleteHashById.get(id) ?? '');
    return image?.deleted ? undefined : image;
  }

  /** Marks an image as deleted; `unknown` when there is none with that id or deletehash. */
  delete(idOrDeleteHash: string): 'deleted' | 'was-deleted' | 'unknown' {
    const image = this.#byDeleteHash.get(this.#deleteHashById.get(idOrDeleteHash) ?? idOrDeleteHash);
    if (!image) return 'unknown';
    this.#byDeleteHash.set(image.deleteHash, { ...image, deleted: true });
    return image.deleted ? 'was-deleted' : 'deleted';
  }

  clear(): void {
    this.#byDeleteHash.clear();
    this.#deleteHashById.clear();
  }

  #forgetOldest(): void {
    const oldest = this.#byDeleteHash.values().next().value;
    if (!oldest) return;
    this.#byDeleteHash.delete(oldest.deleteHash);
    this.#deleteHashById.delete(oldest.id);
  }
}

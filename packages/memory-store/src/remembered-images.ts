import { TimeHeap } from './time-heap.ts';

interface RememberedImage {
  readonly link: string;
  readonly expiresAt: number;
}

/** The links of images by their digests, as long as they are remembered and not more than so many. */
export class RememberedImages {
  readonly #images = new Map<string, RememberedImage>();
  readonly #expiry = new TimeHeap<string>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#images.size;
  }

  link(digest: string, now: number): string | undefined {
    const image = this.#images.get(digest.toWellFormed());
    return image === undefined || image.expiresAt <= now ? undefined : image.link;
  }

  /** Where there are too many, the one whose time ends first makes way. */
  set(digest: string, link: string, expiresAt: number): void {
    const name = digest.toWellFormed();
    this.#images.set(name, { link: link.toWellFormed(), expiresAt });
    this.#expiry.set(name, expiresAt);
    if (this.size > this.#most) this.#forgetDue(Number.POSITIVE_INFINITY);
  }

  /** Forgets at most so many whose time is over. */
  sweep(limit: number, now: number): void {
    for (let step = 0; step < limit; step += 1) if (!this.#forgetDue(now)) return;
  }

  #forgetDue(now: number): boolean {
    const digest = this.#expiry.takeDue(now);
    return digest !== undefined && this.#images.delete(digest);
  }
}

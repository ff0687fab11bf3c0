import type { ImageFacts } from './job.ts';
import type { Lease } from './lease.ts';
import type { ResolvedOptions } from './options.ts';
import type { SourceImage } from './source.ts';

/** The image of a transfer. One that can be sent again is kept between tries, so that the source is not asked twice. */
export class TransferImage {
  readonly #lease: Lease;
  readonly #options: ResolvedOptions;
  readonly #signal: AbortSignal;
  #image: SourceImage | undefined;
  #facts: ImageFacts | undefined;

  constructor(lease: Lease, options: ResolvedOptions, signal: AbortSignal) {
    this.#lease = lease;
    this.#options = options;
    this.#signal = signal;
  }

  /** What is known of it from its bytes, since it was first open. */
  get facts(): ImageFacts | undefined {
    return this.#facts;
  }

  async open(): Promise<SourceImage> {
    const { source, host } = this.#options;
    this.#image ??= await source.open(this.#lease.url, { limits: host.limits, signal: this.#signal });
    const { bytes, type, width, height } = this.#image;
    if (!isCount(bytes) || typeof type !== 'string')
      throw new Error('the source told neither size nor type of the image');
    this.#facts = {
      bytes,
      type,
      ...(isCount(width) ? { width } : {}),
      ...(isCount(height) ? { height } : {}),
    };
    return this.#image;
  }

  /** After a try: what can be read only once is of no use to the next. */
  release(): void {
    if (!Array.isArray(this.#image?.body)) this.dispose();
  }

  dispose(): void {
    this.#image?.dispose();
    this.#image = undefined;
  }
}

/** Whether a value from outside counts something. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

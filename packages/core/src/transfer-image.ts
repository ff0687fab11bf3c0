import type { Host } from './host.ts';
import { sourceLimits } from './image-transform.ts';
import type { ImageFacts } from './job.ts';
import type { Lease } from './lease.ts';
import type { ResolvedOptions } from './options.ts';
import type { SourceImage } from './source.ts';
import { TransferError } from './transfer-error.ts';
import { transformImage } from './transform-image.ts';

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
    if (this.#image !== undefined) return this.#image;
    const { source, host, transform } = this.#options;
    const signal = this.#signal;
    const image = await source.open(this.#lease.url, { limits: sourceLimits(host, transform), signal });
    try {
      if (!isCount(image.bytes) || typeof image.type !== 'string')
        throw new Error('the source told neither size nor type of the image');
      const context = { lease: this.#lease, options: this.#options, signal };
      const sent = transform === undefined ? image : await transformImage(image, transform, context);
      checkPixels(sent, host);
      this.#facts = factsOf(sent);
      this.#image = sent;
      return sent;
    } catch (error) {
      image.dispose();
      throw error;
    }
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

function factsOf({ bytes, type, width, height }: SourceImage): ImageFacts {
  if (isCount(width) && isCount(height)) return { bytes, type, width, height };
  return {
    bytes,
    type,
    ...(isCount(width) ? { width } : {}),
    ...(isCount(height) ? { height } : {}),
  };
}

/** Of what is sent, as far as it is told: a source knows nothing of the host's pixels where a transform may change them. */
function checkPixels({ width, height }: SourceImage, { name, limits }: Host): void {
  const { maxPixels } = limits;
  if (maxPixels === undefined || !isCount(width) || !isCount(height) || width * height <= maxPixels) return;
  throw new TransferError(
    'dimensions',
    `the image has ${width} × ${height} pixels; ${maxPixels} in all are the most that ${name} takes`,
  );
}

/** Whether a value from outside counts something. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

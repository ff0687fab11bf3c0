import type { Host, HostLimits } from './host.ts';

/**
 * Makes of an image another one, which is uploaded in its place: of a format that the host does not take one that it
 * takes, or of one that is too large a smaller one. The application's own code; none is built in.
 */
export interface ImageTransform {
  /**
   * What it takes: the largest image in bytes, by media type. Every image of a type that is listed goes through it, up
   * to this size instead of the host's, and to the pixels of the source instead of the host's; every other one passes
   * it by. These images are held in memory whole: as many of them as there are slots, and what is made of them.
   */
  readonly maxBytes: Readonly<Record<string, number>>;

  /**
   * For how long one image may take, in milliseconds. After that its signal aborts and the upload fails.
   * @default 60000
   */
  readonly timeoutMs?: number;

  /**
   * Runs in a slot of the worker and answers what is uploaded; retries of the attempt send the same again. What it
   * throws is logged and fails the upload for good as `transform_failed`; a `TransferError` keeps its code, and its own
   * `retry` says what is done. When the signal aborts nobody waits for it any longer, so one that goes on all the same
   * holds memory beside that of the slots.
   */
  transform(image: ImageToTransform, options: TransformOptions): Promise<TransformedImage>;
}

/** An image as the source gave it. */
export interface ImageToTransform {
  /** Where it was read from, as it was handed in. */
  readonly url: string;
  readonly jobId: string;
  /** The media type, told by the first bytes. */
  readonly type: string;
  /** The whole image, alone in its buffer: it may be changed, or handed over to a thread. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Pixels, as far as the source told them. */
  readonly width?: number;
  readonly height?: number;
}

/** What a transform has to keep to. */
export interface TransformOptions {
  /** What the host takes. A result that is of another type, larger, or of more pixels, fails the upload. */
  readonly limits: HostLimits;
  /** Aborts when the upload is no longer this worker's, when it stops, and after `timeoutMs`. */
  readonly signal: AbortSignal;
}

/** What is uploaded in place of an image. */
export interface TransformedImage {
  /** The media type. It is believed. */
  readonly type: string;
  /** The whole image. It is sent as it is, so it must not change any more. */
  readonly body: Uint8Array;
  /** Pixels, which the host's `maxPixels` holds for. Left out: as the host tells, if it does. */
  readonly width?: number;
  readonly height?: number;
}

/** A transform with its default filled in and every value checked. */
export type ResolvedTransform = Required<ImageTransform>;

/**
 * What a source is told that it may open: what the host takes, and what a transform takes before it. The pixels of the
 * host are not those of an image that is made smaller, so with a transform they are looked at behind it.
 */
export function sourceLimits({ limits }: Host, transform: ImageTransform | undefined): HostLimits {
  if (transform === undefined) return limits;
  return { maxBytes: { ...limits.maxBytes, ...transform.maxBytes } };
}

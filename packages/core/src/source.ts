import type { HostLimits } from './host.ts';
import type { Settings } from './settings.ts';

/** Where images are read from. */
export interface Source {
  /**
   * Opens the image that a URL points at, as far as its first bytes, and resolves when its type and size are known.
   * Rejects with a `TransferError`; with the signal's reason when it aborts, which also ends a body being read. Whoever
   * would have to wait for a turn is better told `source_busy`, with `retryAfterMs`: its slot is free meanwhile.
   * The caller disposes of every image it got.
   */
  open(url: string, options: OpenOptions): Promise<SourceImage>;

  /**
   * How many bytes of bodies without a length this source can hold at once. An uploader refuses a host whose largest
   * image would not fit. Left out: bodies are never held.
   */
  readonly maxHeldBytes?: number;

  /** What it was made with, as far as people want to know it, without a secret. */
  readonly settings?: Settings;
}

/** What a source has to keep to. */
export interface OpenOptions {
  /** What the host takes: other types and larger bodies are refused as early as they are noticed. */
  readonly limits: HostLimits;
  readonly signal: AbortSignal;
}

/** An image on its way. */
export interface SourceImage {
  /** The media type, told by the first bytes and never by a header. */
  readonly type: string;
  /** Pixels, as far as the header of the image tells them. */
  readonly width?: number;
  readonly height?: number;
  /** How many bytes `body` has in all: known before the first is sent, because hosts want a Content-Length. */
  readonly bytes: number;
  /**
   * The whole image. A list of chunks is held in memory and can be sent again; a stream is read once, at the pace of
   * the reader, and throws a `TransferError` when it turns out shorter, longer or slower than allowed.
   */
  readonly body: readonly Uint8Array[] | AsyncIterable<Uint8Array>;
  /** Ends the connection if it is still in use and gives back what was held. Doing it twice is doing it once. */
  dispose(): void;
}

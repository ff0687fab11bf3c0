import type { BudgetReading, BudgetScope } from './budget.ts';
import type { JobOptions } from './job.ts';
import type { Settings } from './settings.ts';
import type { SourceImage } from './source.ts';

/** Where images are uploaded to. */
export interface Host {
  /**
   * Names it in jobs, events, pauses and metrics, for example `imgur`. Jobs wait for a worker whose host has their name.
   * 1 to 100 characters, no control characters.
   */
  readonly name: string;
  /** What it takes. */
  readonly limits: HostLimits;
  /** The limits that its uploads draw from. Left out: it has none. */
  readonly budget?: BudgetScope;
  /** What it was made with, as far as people want to know it, without a secret. */
  readonly settings?: Settings;

  /**
   * Sends one image: exactly one POST, no retries. Rejects with a `TransferError` that says what the reply means, with
   * `possiblyStored` when the image was sent and no reply came; with the signal's reason when it aborts.
   */
  upload(image: SourceImage, options: HostUploadOptions): Promise<HostUpload>;

  /** Deletes an image that this host was given, by its deletehash. */
  delete?(deleteHash: string, options: { readonly signal: AbortSignal }): Promise<void>;
}

/** What a host takes. */
export interface HostLimits {
  /** The largest image in bytes, by media type. A type that is not listed is not taken. */
  readonly maxBytes: Readonly<Record<string, number>>;
  /** The most pixels, width times height, of one that says how many it has. Left out: what the source allows. */
  readonly maxPixels?: number;
}

/** What goes with an image. */
export interface HostUploadOptions extends JobOptions {
  readonly signal: AbortSignal;
  /**
   * Tells this upload from all others, the same at each of its attempts: a host that pauses can see whether it is always
   * the same one that fails. It means nothing else, and is not sent.
   */
  readonly key?: string;
  /** Called as the body leaves, with how many of its bytes have gone so far. */
  readonly onProgress?: (sentBytes: number) => void;
}

/** What the host answered to an image that it took. */
export interface HostUpload {
  /** Always https, always on the host's own domain. */
  readonly link: string;
  readonly deleteHash?: string;
  /** What the reply told about the host's limits. */
  readonly reading?: BudgetReading;
  /** Pixels, where they are not those that the header of the image tells. */
  readonly width?: number;
  readonly height?: number;
}

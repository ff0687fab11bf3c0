import { createHash } from 'node:crypto';

import type { BudgetReading, BudgetScope } from '../budget.ts';
import type { Host, HostLimits, HostUpload, HostUploadOptions } from '../host.ts';
import type { JobOptions } from '../job.ts';
import type { SourceImage } from '../source.ts';
import { TransferError } from '../transfer-error.ts';
import { type Hold, type HoldOptions, Holds } from './hold.ts';

const MEBIBYTE = 1024 * 1024;

const DEFAULT_LIMITS: HostLimits = {
  maxBytes: {
    'image/jpeg': 20 * MEBIBYTE,
    'image/png': 20 * MEBIBYTE,
    'image/apng': 20 * MEBIBYTE,
    'image/tiff': 20 * MEBIBYTE,
    'image/gif': 200 * MEBIBYTE,
    'video/mp4': 200 * MEBIBYTE,
  },
};

/** What a {@link FakeHost} is called and takes. */
export interface FakeHostOptions {
  /** Its name, in jobs and events. @default 'fake' */
  readonly name?: string;
  /** What it takes. @default 20 MiB of JPEG, PNG, APNG or TIFF, 200 MiB of GIF or MP4 */
  readonly limits?: HostLimits;
  /** The limits that its uploads draw from. @default none */
  readonly budget?: BudgetScope;
  /** What it tells of its limits with every link. @default nothing */
  readonly reading?: () => BudgetReading;
}

/** An image that a {@link FakeHost} took. */
export interface FakeHostUpload {
  /** `https://img.example/<n>`, counted from 1. */
  readonly link: string;
  /** `delete-<n>`. */
  readonly deleteHash: string;
  /** The SHA-256 of the image in hexadecimal. */
  readonly sha256: string;
  /** The size of the image in bytes. */
  readonly bytes: number;
  /** The media type that the source told. */
  readonly type: string;
  /** What the job asked of the host: title, description, album. */
  readonly options: JobOptions;
}

/** What one upload is answered: an error, changes to the usual answer, or a function that answers either. */
export type FakeHostAnswer =
  | TransferError
  | Partial<HostUpload>
  | (() => TransferError | Partial<HostUpload> | Promise<TransferError | Partial<HostUpload>>);

/** A host inside the process: it reads each image to its end and remembers its digest. */
export interface FakeHost extends Host {
  /** What it took, in order. An error with `possiblyStored` took the image as well. */
  readonly uploads: readonly FakeHostUpload[];
  /** The deletehashes of what was deleted, in order. */
  readonly deleted: readonly string[];
  /** How many uploads began. */
  readonly posts: number;
  /** How many are under way now. */
  readonly inFlight: number;
  /** The most that were under way at once. */
  readonly peak: number;
  /** Deletes an image. Deleting it twice is deleting it once. */
  delete(deleteHash: string, options: { readonly signal: AbortSignal }): Promise<void>;
  /** Says how the next upload, or the next few, are answered. Answers are given one after the other. */
  next(answer: FakeHostAnswer, options?: { readonly times?: number }): void;
  /** Says how every upload is answered for which nothing else was said; `undefined` ends that. */
  always(answer: FakeHostAnswer | undefined): void;
  /** Holds answers back until released. The image has been read by then. */
  hold(options?: HoldOptions): Hold;
}

/** Makes a host that takes every image and answers links of its own. */
export function createFakeHost(options: FakeHostOptions = {}): FakeHost {
  return new InProcessHost(options);
}

class InProcessHost implements FakeHost {
  readonly name: string;
  readonly limits: HostLimits;
  readonly budget?: BudgetScope;
  readonly uploads: FakeHostUpload[] = [];
  readonly deleted: string[] = [];
  posts = 0;
  inFlight = 0;
  peak = 0;
  readonly #reading: (() => BudgetReading) | undefined;
  readonly #holds = new Holds();
  readonly #queue: FakeHostAnswer[] = [];
  #standing: FakeHostAnswer = {};

  constructor({ name = 'fake', limits = DEFAULT_LIMITS, budget, reading }: FakeHostOptions) {
    this.name = name;
    this.limits = limits;
    if (budget) this.budget = budget;
    this.#reading = reading;
  }

  async upload(image: SourceImage, options: HostUploadOptions): Promise<HostUpload> {
    options.signal.throwIfAborted();
    const answer = this.#queue.shift() ?? this.#standing;
    this.posts += 1;
    const place = this.posts;
    this.inFlight += 1;
    this.peak = Math.max(this.peak, this.inFlight);
    try {
      return await this.#answer(await this.#read(image, options, place), options.signal, answer);
    } finally {
      this.inFlight -= 1;
    }
  }

  async delete(deleteHash: string, { signal }: { readonly signal: AbortSignal }): Promise<void> {
    signal.throwIfAborted();
    if (!this.deleted.includes(deleteHash)) this.deleted.push(deleteHash);
  }

  next(answer: FakeHostAnswer, { times = 1 }: { readonly times?: number } = {}): void {
    for (let left = times; left > 0; left -= 1) this.#queue.push(answer);
  }

  always(answer: FakeHostAnswer | undefined): void {
    this.#standing = answer ?? {};
  }

  hold(options?: HoldOptions): Hold {
    return this.#holds.add(options);
  }

  async #read(image: SourceImage, options: HostUploadOptions, place: number): Promise<FakeHostUpload> {
    const { signal, onProgress, key: _key, ...jobOptions } = options;
    const hash = createHash('sha256');
    let sentBytes = 0;
    for await (const chunk of image.body) {
      signal.throwIfAborted();
      hash.update(chunk);
      sentBytes += chunk.length;
      onProgress?.(sentBytes);
    }
    if (sentBytes !== image.bytes)
      throw new Error(`the body has ${sentBytes} bytes and was to have ${image.bytes}`);
    return {
      link: `https://img.example/${place}`,
      deleteHash: `delete-${place}`,
      sha256: hash.digest('hex'),
      bytes: sentBytes,
      type: image.type,
      options: jobOptions,
    };
  }

  async #answer(upload: FakeHostUpload, signal: AbortSignal, answer: FakeHostAnswer): Promise<HostUpload> {
    const chosen = typeof answer === 'function' ? await answer() : answer;
    const failed = chosen instanceof TransferError;
    if (!failed || chosen.possiblyStored) this.uploads.push(upload);
    await this.#holds.pass(signal);
    signal.throwIfAborted();
    if (failed) throw chosen;
    const { link, deleteHash } = upload;
    return { link, deleteHash, ...(this.#reading && { reading: this.#reading() }), ...chosen };
  }
}

import type { Dispatcher } from 'undici';

import { StateError } from '../errors.ts';
import { TransferError } from '../transfer-error.ts';
import { SourceClock } from './source-clock.ts';
import { sourceError } from './source-error.ts';

/** The headers of an answer, names in lower case. */
export type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** What an exchange is given from outside. */
export interface ExchangeOptions {
  readonly clock: SourceClock;
  readonly headersTimeoutMs: number;
  readonly idleTimeoutMs: number;
  /** Called once, when it is over; `isWhole` when the answer came to its end, so that its connection can be used again. */
  readonly onOver: (isWhole: boolean) => void;
}

/** The source is asked to pause when this much waits to be read; tiny chunks weigh more than their bytes. */
const pauseBytes = 65_536;
const pauseChunks = 128;
/** A body nobody wants is read on for its connection's sake, if that is cheaper than a new connection. */
const discardBytes = 16_384;
const discardMs = 500;
const mostInformational = 20;

/**
 * One request and its answer: undici's handler on one side, awaited headers and chunks on the other. The idle limit
 * counts only while a reader waits for a chunk, so that a slow host is not taken for a silent source.
 */
export class HttpExchange implements Dispatcher.DispatchHandler {
  /** 0 until the answer has begun. */
  status = 0;
  headers: ResponseHeaders = {};
  readonly #options: ExchangeOptions;
  #clock: SourceClock;
  #controller: Dispatcher.DispatchController | undefined;
  #informational = 0;
  #chunks: Uint8Array[] = [];
  #queuedBytes = 0;
  #ended = false;
  #failure: { readonly reason: unknown } | undefined;
  /** How much of a body nobody wants has come; undefined while the body is wanted. */
  #discardedBytes: number | undefined;
  #wake: (() => void) | undefined;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.#clock = options.clock;
  }

  /** Waits for the answer to begin. */
  async answer(): Promise<void> {
    while (this.status === 0) {
      this.#throwFailure();
      await this.#news();
    }
    this.#throwFailure();
  }

  /** The next chunk of the body, as it came; `undefined` at the end. Only one read at a time. */
  async read(): Promise<Uint8Array | undefined> {
    for (;;) {
      const chunk = this.take();
      if (chunk !== undefined || this.#ended) return chunk;
      await this.more();
    }
  }

  /**
   * The next chunk if it has come; `undefined` when it has not, or never will because the body has {@link ended}.
   * @throws what the exchange has failed with
   */
  take(): Uint8Array | undefined {
    this.#throwFailure();
    const chunk = this.#chunks.shift();
    return chunk && this.#taken(chunk);
  }

  /** The whole answer has come, whether or not it has been read. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Waits until more of the body has come, or its end, or a failure, which the next {@link take} throws. */
  async more(): Promise<void> {
    this.#clock.start(this.#options.idleTimeoutMs, 'the next bytes of the image', (late) => this.fail(late));
    await this.#news();
    this.#clock.stop();
  }

  /** Waits until a body that nobody wants has run out. */
  async over(): Promise<void> {
    while (!this.#ended && this.#failure === undefined) await this.#news();
  }

  /** Ends the exchange, and its connection if it is still in use. Readers get the reason, unless they have it all. */
  fail(reason: unknown): void {
    if (this.#failure !== undefined || (this.#ended && this.#chunks.length === 0)) return;
    this.#failure = { reason };
    this.#clock.stop();
    this.#chunks = [];
    this.#controller?.abort(unwanted);
    if (!this.#ended) this.#options.onOver(false);
    this.#tellNews();
  }

  /** Says that nobody will read the body. A short one runs out, so that the connection can be used again. */
  discard(): void {
    if (this.#ended || this.#failure !== undefined) return;
    // The image's own clock goes on with the next request.
    this.#clock = new SourceClock(discardMs);
    this.#discardedBytes = this.#queuedBytes;
    this.#chunks = [];
    if (Number(this.headers['content-length'] ?? 0) > discardBytes) this.fail(unwanted);
    else this.#letRunOut();
  }

  /** Ends the exchange unless its body is running out unread. */
  dispose(): void {
    // An error is not cheap to make, and most images have been read to their end by now.
    if (this.#ended && this.#chunks.length === 0) return;
    if (this.#discardedBytes === undefined) this.fail(new StateError('the image was disposed of'));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#failure !== undefined) {
      controller.abort(unwanted);
      return;
    }
    this.#clock.start(this.#options.headersTimeoutMs, 'the headers of the source', (late) => this.fail(late));
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: ResponseHeaders): void {
    if (status < 200) this.#countInformational();
    else this.#begin(status, headers);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (this.#failure !== undefined) return;
    if (this.#discardedBytes !== undefined) this.#countDiscarded(chunk.length);
    else this.#queue(chunk, controller);
  }

  onResponseEnd(): void {
    if (this.#failure !== undefined) return;
    this.#ended = true;
    this.#clock.stop();
    this.#options.onOver(true);
    this.#tellNews();
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.fail(sourceError(error, this.status !== 0));
  }

  #begin(status: number, headers: ResponseHeaders): void {
    this.#clock.stop();
    this.status = status;
    this.headers = headers;
    this.#tellNews();
  }

  #queue(chunk: Uint8Array, controller: Dispatcher.DispatchController): void {
    this.#chunks.push(chunk);
    this.#queuedBytes += chunk.length;
    if (this.#isFull()) controller.pause();
    this.#tellNews();
  }

  #letRunOut(): void {
    this.#clock.start(discardMs, 'the end of the answer', (late) => this.fail(late));
    this.#controller?.resume();
  }

  #taken(chunk: Uint8Array): Uint8Array {
    this.#queuedBytes -= chunk.length;
    this.#clock.credit(chunk.length);
    if (!this.#isFull()) this.#controller?.resume();
    return chunk;
  }

  #isFull(): boolean {
    return this.#queuedBytes >= pauseBytes || this.#chunks.length >= pauseChunks;
  }

  #countInformational(): void {
    this.#informational += 1;
    if (this.#informational > mostInformational)
      this.fail(
        new TransferError('bad_response', `the source sent ${this.#informational} provisional answers`),
      );
  }

  #countDiscarded(bytes: number): void {
    this.#discardedBytes = (this.#discardedBytes ?? 0) + bytes;
    if (this.#discardedBytes > discardBytes) this.fail(unwanted);
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.reason;
  }

  #news(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #tellNews(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}

const unwanted = new Error('the answer is not wanted any longer');

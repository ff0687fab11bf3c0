import type { OpenOptions, SourceImage } from '../source.ts';
import { TransferError } from '../transfer-error.ts';
import { BodyStream } from './body-stream.ts';
import { CollectedBody } from './collected-body.ts';
import { followRedirects } from './follow-redirects.ts';
import type { HeldBytes, Reservation } from './held-bytes.ts';
import type { HostConnections } from './host-connections.ts';
import { HttpExchange } from './http-exchange.ts';
import type { ResolvedHttpSourceOptions } from './http-source-options.ts';
import { checkDimensions, type Dimensions } from './image/image-dimensions.ts';
import { hasImageEnd } from './image/image-end.ts';
import { headBytes, mediaTypeOf } from './image/media-type.ts';
import { readDimensions } from './read-dimensions.ts';
import { askedPauseMs, checkResponse, emptyBody, tooLarge } from './response-check.ts';
import { type Routes, RouteTurns } from './route-turns.ts';
import { SourceClock } from './source-clock.ts';
import type { Turn } from './source-host.ts';
import { targetOf } from './target.ts';

/** What all openings of a source share. */
export interface Opener extends Routes {
  readonly options: ResolvedHttpSourceOptions;
  readonly connections: HostConnections;
  readonly heldBytes: HeldBytes;
  /** Sent with every request. */
  readonly headers: string[];
}

/** Above this announced length the larger of the two total limits holds. */
const largeBytes = 20_000_000;
/** A body that holds a reservation has to come so many times as fast as another: others wait for what it holds. */
const heldHaste = 32;

/** One image, from its URL until it is disposed of. */
export class Opening {
  readonly #opener: Opener;
  readonly #maxBytes: Readonly<Record<string, number>>;
  readonly #maxPixels: number;
  readonly #signal: AbortSignal;
  readonly #clock: SourceClock;
  readonly #body = new CollectedBody();
  /** For how long the host is left alone because of its answer. */
  #pauseMs = 0;
  #exchange: HttpExchange | undefined;
  #reservation: Reservation | undefined;
  #dimensions: Dimensions | undefined;
  readonly #onAbort = (): void => this.#exchange?.fail(this.#signal.reason);

  constructor(opener: Opener, { limits, signal }: OpenOptions) {
    this.#opener = opener;
    this.#maxBytes = limits.maxBytes;
    this.#maxPixels = Math.min(opener.options.maxPixels, limits.maxPixels ?? Number.POSITIVE_INFINITY);
    this.#signal = signal;
    this.#clock = new SourceClock(opener.options.totalTimeoutMs);
  }

  /** Ask, judge the answer, tell type and dimensions by the first bytes, then hold the rest or let it stream. */
  async image(url: string): Promise<SourceImage> {
    this.#signal.throwIfAborted();
    this.#signal.addEventListener('abort', this.#onAbort);
    try {
      const exchange = await this.#follow(url);
      const bytes = checkResponse(exchange, this.#maxBytes, this.#pauseMs);
      if (bytes !== undefined && bytes > largeBytes)
        this.#clock.raiseTotal(this.#opener.options.largeTotalTimeoutMs);
      this.#demandRate(1);
      if (!this.#body.takeTo(headBytes, exchange)) await this.#body.readTo(headBytes, exchange);
      const type = this.#readType(exchange, bytes);
      this.#dimensions = await readDimensions(type, this.#headerBytes(type), this.#body, exchange);
      if (this.#dimensions !== undefined) checkDimensions(this.#dimensions, this.#maxPixels);
      if (bytes === undefined) return await this.#hold(type, exchange);
      if (bytes <= this.#opener.options.smallBytes) return await this.#collect(type, bytes, exchange);
      return this.#stream(type, bytes, exchange);
    } catch (error) {
      this.#giveUp(error);
      throw error;
    }
  }

  async #follow(url: string): Promise<HttpExchange> {
    const route = new RouteTurns(this.#opener);
    try {
      const exchange = await followRedirects(url, this.#opener.options, (hop) => this.#ask(hop, route));
      route.arrived();
      return exchange;
    } finally {
      route.end();
    }
  }

  async #ask(hop: URL, route: RouteTurns): Promise<HttpExchange> {
    const target = targetOf(hop);
    if (route.staysAt(target)) await this.#exchange?.over();
    const turn = route.next(target);
    this.#signal.throwIfAborted();
    const exchange = this.#send(hop, turn);
    try {
      await exchange.answer();
    } catch (error) {
      if (error instanceof TransferError) turn.answered({ asked: target, status: undefined });
      throw error;
    }
    const { status, headers } = exchange;
    this.#pauseMs = turn.answered({ asked: target, status, retryAfterMs: askedPauseMs(headers) });
    return exchange;
  }

  #send({ origin, hostname, pathname, search }: URL, turn: Turn): HttpExchange {
    const { options, connections, headers } = this.#opener;
    const connection = connections.take(origin, hostname);
    turn.hold();
    const exchange = new HttpExchange({
      clock: this.#clock,
      headersTimeoutMs: options.headersTimeoutMs,
      idleTimeoutMs: options.idleTimeoutMs,
      onOver: (isWhole) => {
        connections.giveBack(connection, isWhole);
        turn.end();
      },
    });
    this.#exchange = exchange;
    connection.send({ origin, path: pathname + search, method: 'GET', headers }, exchange);
    return exchange;
  }

  #readType(exchange: HttpExchange, bytes: number | undefined): string {
    if (this.#body.bytes === 0) throw emptyBody(exchange.status);
    const type = mediaTypeOf(this.#body.head(headBytes));
    if (type === undefined)
      throw new TransferError('not_an_image', 'the first bytes are of no image or video');
    if (!Object.hasOwn(this.#maxBytes, type))
      throw new TransferError('unsupported_type', `the host does not take ${type}`);
    if (bytes !== undefined && bytes > this.#capOf(type)) throw tooLarge(`${bytes} bytes`, this.#capOf(type));
    return type;
  }

  /** Without a length the body is read to its end, on bytes that are reserved for the largest it may be. */
  async #hold(type: string, exchange: HttpExchange): Promise<SourceImage> {
    const { smallBytes, maxHeldBytes } = this.#opener.options;
    const capBytes = Math.min(this.#capOf(type), maxHeldBytes);
    await this.#body.readTo(Math.min(smallBytes, capBytes) + 1, exchange);
    if (!this.#body.ended && this.#body.bytes <= capBytes) {
      this.#reservation = await this.#opener.heldBytes.reserve(capBytes, this.#signal);
      this.#demandRate(heldHaste);
      await this.#body.readTo(capBytes + 1, exchange);
    }
    if (this.#body.bytes > capBytes) throw tooLarge(`more than ${capBytes} bytes`, capBytes);
    this.#reservation?.shrinkTo(this.#body.bytes);
    const chunks = this.#body.chunks();
    const complete = await hasImageEnd(type, chunks);
    this.#signal.throwIfAborted();
    if (!complete) throw new TransferError('truncated', `the ${type} ends before its own end mark`);
    return this.#image(type, this.#body.bytes, chunks);
  }

  async #collect(type: string, bytes: number, exchange: HttpExchange): Promise<SourceImage> {
    await this.#body.readTo(Number.POSITIVE_INFINITY, exchange);
    return this.#image(type, bytes, this.#body.chunks());
  }

  #stream(type: string, bytes: number, exchange: HttpExchange): SourceImage {
    return this.#image(type, bytes, new BodyStream(this.#body, exchange, () => this.#dispose()));
  }

  #image(type: string, bytes: number, body: SourceImage['body']): SourceImage {
    if (Array.isArray(body)) this.#stopListening();
    return { type, bytes, ...this.#dimensions, body, dispose: () => this.#dispose() };
  }

  #demandRate(haste: number): void {
    const { minBytesPerSecond, idleTimeoutMs } = this.#opener.options;
    this.#clock.demand(minBytesPerSecond * haste, idleTimeoutMs * 2);
  }

  /** So much of it is looked through for its width and height, and held meanwhile. */
  #headerBytes(type: string): number {
    return Math.min(this.#capOf(type), Math.max(headBytes, this.#opener.options.smallBytes));
  }

  #capOf(type: string): number {
    return this.#maxBytes[type] ?? 0;
  }

  /** A refused answer may run out, if it is short, for its connection's sake. */
  #giveUp(error: unknown): void {
    if (error instanceof TransferError) this.#exchange?.discard();
    this.#dispose();
  }

  #dispose(): void {
    this.#stopListening();
    this.#reservation?.release();
    this.#exchange?.dispose();
  }

  #stopListening(): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
  }
}

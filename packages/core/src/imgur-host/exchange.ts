import type { Dispatcher } from 'undici';

import { TransferError } from '../transfer-error.ts';
import { BodyTurns, sourceTooSlow } from './body-turns.ts';
import type { ReplyHeaders } from './rate-headers.ts';
import type { Reply } from './reply.ts';
import { type WatchedConnection, WatchingHandler } from './watched-client.ts';

/** One request, and the limits of its reply. */
export interface ExchangeRequest {
  readonly origin: string;
  readonly path: string;
  readonly method: 'POST' | 'DELETE';
  readonly headers: Record<string, string>;
  /** Bytes that leave in one go, or a stream that is pulled at the pace of the host. */
  readonly body?: Buffer | AsyncIterable<Uint8Array>;
  /** An image is in the body: when no reply comes, the host may have kept it. */
  readonly carriesImage: boolean;
  /** How long the reply may take, once the request has left whole. */
  readonly headersTimeoutMs: number;
  /** How long the host may take nothing of the request; how long the body of its reply may take. */
  readonly idleTimeoutMs: number;
  /** Tells the time in milliseconds. */
  readonly now: () => number;
  readonly signal: AbortSignal;
  /** The request has left whole. */
  readonly onSent?: () => void;
  /** The reply has come whole, and no byte of the body is read any more to be sent. */
  readonly onWritten?: () => void;
}

/** So much of a reply is read: a page of error longer than this has said what it has to say. */
const maxReplyBytes = 256 * 1024;
const nothing = Buffer.alloc(0);

/**
 * Sends one request and reads its reply. Rejects with the signal's reason, with whatever the body threw, untouched, or
 * with a `TransferError` that tells whether the host may have kept the image.
 */
export function exchange(dispatcher: Dispatcher, request: ExchangeRequest): Promise<Reply> {
  return new Promise((resolve, reject) => new Exchange(request, resolve, reject).begin(dispatcher));
}

/**
 * Spoken to undici directly, below its `request`: that is cheaper, tells when the body has left, and lets go of a
 * request at once that still waits for a connection when its signal aborts.
 */
class Exchange extends WatchingHandler implements Dispatcher.DispatchHandler {
  readonly #request: ExchangeRequest;
  readonly #resolve: (reply: Reply) => void;
  readonly #reject: (error: unknown) => void;
  #connection: WatchedConnection | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;
  #sent = false;
  /** While it is the source's turn, a host that gets nothing is not idle. */
  readonly #turns: BodyTurns;
  #bodyFailure: { readonly error: unknown } | undefined;
  #status = 0;
  #headers: ReplyHeaders = {};
  #early = false;
  #starved = false;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(request: ExchangeRequest, resolve: (reply: Reply) => void, reject: (error: unknown) => void) {
    super();
    this.#request = request;
    this.#turns = new BodyTurns(request.now);
    this.#resolve = resolve;
    this.#reject = reject;
  }

  begin(dispatcher: Dispatcher): void {
    const { origin, path, method, headers, body, signal } = this.#request;
    if (signal.aborted) {
      this.#reject(signal.reason);
      return;
    }
    signal.addEventListener('abort', this.#onAbort, { once: true });
    // The times of this exchange are kept here; undici's would count the source's pauses too.
    const times = { headersTimeout: 0, bodyTimeout: 0 };
    const sent = body === undefined ? null : this.#bodyFor(body);
    dispatcher.dispatch({ origin, path, method, headers, body: sent, ...times }, this);
  }

  goesBy(connection: WatchedConnection): void {
    this.#connection = connection;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // It ended while it waited. To abort would end the connection too, of which it has used nothing.
    if (this.#ended) throw new Error('no longer wanted');
    this.#controller = controller;
    this.#allow(this.#request.idleTimeoutMs, 'took nothing of the request');
  }

  onRequestSent(): void {
    if (this.#ended) return;
    this.#sent = true;
    this.#request.onSent?.();
    if (this.#status === 0) this.#allow(this.#request.headersTimeoutMs, 'gave no answer');
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: ReplyHeaders): void {
    if (status < 200) return;
    this.#status = status;
    this.#headers = headers;
    this.#early = !this.#sent;
    this.#starved = this.#turns.sourceIsLate;
    this.#allow(this.#request.idleTimeoutMs, 'did not finish its answer');
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk.subarray(0, maxReplyBytes - this.#bytes));
    this.#bytes += chunk.length;
    if (this.#bytes > maxReplyBytes)
      this.#endWith(() => this.#resolve(this.#reply()), new Error('reply too long'));
  }

  onResponseEnd(): void {
    if (!this.#ended && this.#sent && this.#connection?.hasWrittenAll === true) this.#request.onWritten?.();
    this.#endWith(() => this.#resolve(this.#reply()));
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    this.#fail('the connection broke', error, this.#isStarved());
  }

  /** undici's types know no iterables here; the code behind them does. */
  #bodyFor(body: Buffer | AsyncIterable<Uint8Array>): Buffer {
    return Buffer.isBuffer(body) ? body : (this.#watched(body) as unknown as Buffer);
  }

  /** Passes the body on and keeps an eye on whose turn it is. */
  async *#watched(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      this.#turns.toSource();
      for await (const chunk of body) {
        if (this.#ended) return;
        this.#turns.toHost();
        this.#restart();
        yield chunk;
        this.#turns.toSource();
        this.#restart();
      }
    } catch (error) {
      this.#bodyFailure = { error };
      throw error;
    }
  }

  #restart(): void {
    if (this.#status === 0) this.#timer?.refresh();
  }

  #allow(ms: number, otherwise: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#expire(ms, otherwise), ms);
  }

  #expire(ms: number, otherwise: string): void {
    if (this.#turns.ofSource && !this.#sent && this.#status === 0) {
      this.#timer?.refresh();
      return;
    }
    const fact = `it ${otherwise} within ${ms} ms`;
    this.#fail(fact, new Error(fact));
  }

  readonly #onAbort = (): void => {
    const { reason } = this.#request.signal;
    this.#endWith(() => this.#reject(reason), new Error('aborted'));
  };

  /** The host was kept waiting for a request that it never had whole. */
  #isStarved(): boolean {
    return !this.#sent && this.#turns.sourceIsLate;
  }

  #fail(fact: string, error: Error, starved = false): void {
    this.#endWith(() => this.#settleFailure(fact, error, starved), error);
  }

  /** A reply that says no is believed as far as it came. */
  #settleFailure(fact: string, error: Error, starved: boolean): void {
    if (this.#bodyFailure !== undefined) this.#reject(this.#bodyFailure.error);
    else if (this.#status >= 400) this.#resolve(this.#reply());
    else this.#reject(starved ? sourceTooSlow(withoutDetails(error)) : this.#broken(fact, error));
  }

  #endWith(settle: () => void, tearDown?: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#request.signal.removeEventListener('abort', this.#onAbort);
    settle();
    if (tearDown !== undefined) this.#controller?.abort(tearDown);
  }

  #reply(): Reply {
    const [first = nothing] = this.#chunks;
    const whole = this.#chunks.length > 1 ? Buffer.concat(this.#chunks) : first;
    return {
      status: this.#status,
      headers: this.#headers,
      text: whole.toString(),
      early: this.#early,
      starved: this.#starved,
    };
  }

  #broken(fact: string, error: Error): TransferError {
    const code = codeOf(error);
    const because = code === undefined ? fact : `${fact} (${code})`;
    const cause = withoutDetails(error);
    if (this.#sent && this.#request.carriesImage)
      return new TransferError('host_reply_lost', `Imgur was sent the image and ${because}`, {
        possiblyStored: true,
        cause,
      });
    if (this.#controller === undefined)
      return new TransferError(
        'host_unavailable',
        `Imgur could not be reached${code === undefined ? '' : ` (${code})`}`,
        {
          notSent: true,
          cause,
        },
      );
    return new TransferError('host_unavailable', `Imgur could not be sent the request: ${because}`, {
      cause,
    });
  }
}

function codeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Errors of the client carry addresses and pieces of replies, which may echo what we sent. */
function withoutDetails(error: Error): Error {
  const copy = new Error(codeOf(error) ?? error.message);
  copy.name = error.name;
  return copy;
}

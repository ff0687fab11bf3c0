/**
 * A request as the endpoints see it, whichever way it came. Plain, because building a `Request` and reading a
 * `Response` costs Node more than everything else an endpoint does.
 */
export interface HttpRequest {
  readonly method: string;
  /** As it was sent: nothing is decoded, so `%2f` is never a slash. */
  readonly path: string;
  /** What follows the question mark; empty without one. */
  readonly query: string;
  /** The host and port that it was sent to, as its sender sees them; empty when it does not say. */
  readonly host: string;
  /** @param name In lower case. */
  header(name: string): string | undefined;
  /** Who is at the other end of the connection, which may be a proxy; `undefined` where nobody told. */
  readonly remoteAddress: string | undefined;
  /** Aborts when the client has left before its answer was sent. */
  readonly signal: AbortSignal;
  /**
   * The bytes of the body; to be asked for once. Ending the iteration early also ends a `next` that is waiting.
   * @throws Problem when somebody read it before and left nothing of it
   */
  body(): AsyncIterable<Uint8Array>;
  /** The same as a web `Request`. */
  toRequest(): Request;
}

/** An answer before it is sent. A body in parts is read at the pace of the reader, and ended when the reader leaves. */
export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body?: string | AsyncIterable<string | Uint8Array>;
  /** For how long the reader of a body in parts may take nothing of it. @default {@link defaultStallTimeoutMs} */
  readonly stallTimeoutMs?: number;
  /** True when no endpoint is at this path, so that whoever mounted us may have something there. */
  readonly unrouted?: boolean;
}

/** In milliseconds. */
export const defaultStallTimeoutMs = 60_000;

/** What turns the one into the other. It never rejects. */
export type Answerer = (request: HttpRequest) => Promise<HttpAnswer>;

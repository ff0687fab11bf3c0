/** What is known of the connection that a request came by. A `Request` by itself does not say it. */
export interface Connection {
  /** The IP address at its other end, which may be that of a proxy. `toNodeHandler` of `@imgferry/http-adapter` tells it. */
  readonly remoteAddress?: string | undefined;
}

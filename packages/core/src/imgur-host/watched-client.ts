import type { Socket } from 'node:net';

import { Agent, type buildConnector, Client, type Dispatcher, Pool } from 'undici';

/** A connection that tells whether what was written to it has left the process. */
export interface WatchedConnection {
  /** Nothing waits to be taken by the system: no memory that a request was written from is read any more. */
  readonly hasWrittenAll: boolean;
}

/** A request that wants to know by which connection it goes. */
export abstract class WatchingHandler {
  abstract goesBy(connection: WatchedConnection): void;
}

/** What {@link watchedAgent} is made with. */
export interface WatchedAgentOptions extends Omit<Agent.Options, 'connect' | 'factory'> {
  readonly connections: number;
  /** Of HTTP/1.1 only: HTTP/2 writes past the socket, which then says that all has left when it has not. */
  readonly connect: buildConnector.connector;
}

/** An agent whose connections are known to what is sent by them. */
export function watchedAgent({ connect, ...options }: WatchedAgentOptions): Agent {
  const client = (origin: URL, given: object): Dispatcher => new WatchedClient(origin, given, connect);
  return new Agent({
    ...options,
    factory: (origin, given) => new Pool(origin, { ...given, connect, factory: client }),
  });
}

class WatchedClient extends Client implements WatchedConnection {
  readonly #wire: { socket?: Socket };

  constructor(origin: URL, options: Client.Options, connect: buildConnector.connector) {
    const wire: { socket?: Socket } = {};
    super(origin, {
      ...options,
      connect: (target, callback) =>
        connect(target, (...result) => {
          const [error, socket] = result;
          if (error === null) wire.socket = socket;
          callback(...result);
        }),
    });
    this.#wire = wire;
  }

  get hasWrittenAll(): boolean {
    return this.#wire.socket?.writableLength === 0;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    if (handler instanceof WatchingHandler) handler.goesBy(this);
    return super.dispatch(options, handler);
  }
}

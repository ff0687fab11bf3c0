import type { Socket } from 'node:net';

import { Client, type Dispatcher } from 'undici';

import type { GuardedConnector } from './addresses/guarded-connector.ts';

/** Below what servers commonly keep an idle connection for; one that says how long is heeded when that is shorter. */
const keepAliveTimeoutMs = 4_000;
/** So many are idle at once, of all hosts; as many as one host may have, where that is more. */
const usualMostIdle = 100;

/** The connections to one host. */
interface Known {
  /** Those that are in use and those that are idle. */
  readonly live: Set<HostConnection>;
  /** Those that are being closed and whose place nobody has taken yet. */
  readonly closing: Set<Promise<void>>;
}

/**
 * The connections to source hosts: at most so many to one host name, whatever the scheme and the port, those included
 * that nobody uses just now. Who takes one has a turn at the host, so that there are no more in use than allowed.
 */
export class HostConnections {
  readonly #connector: GuardedConnector;
  readonly #mostPerHost: number;
  readonly #mostIdle: number;
  readonly #hosts = new Map<string, Known>();
  /** Those that are idle, of all hosts, the longest first. */
  readonly #idle = new Set<HostConnection>();
  #closedBy: Error | undefined;

  constructor(connector: GuardedConnector, mostPerHost: number) {
    this.#connector = connector;
    this.#mostPerHost = mostPerHost;
    this.#mostIdle = Math.max(usualMostIdle, mostPerHost);
  }

  /**
   * One to this origin: an idle one, or a new one in the place of one to another origin of the host.
   * @throws Error the reason for which all were closed
   */
  take(origin: string, host: string): HostConnection {
    if (this.#closedBy !== undefined) throw this.#closedBy;
    const known = this.#hosts.get(host) ?? { live: new Set(), closing: new Set() };
    const again = idleOf(known, origin);
    if (again !== undefined) {
      again.isIdle = false;
      this.#idle.delete(again);
      return again;
    }
    const connection = new HostConnection(origin, host, this.#connector, this.#makeRoom(known));
    connection.onIdleEnd = () => void this.#end(connection);
    known.live.add(connection);
    this.#hosts.set(host, known);
    return connection;
  }

  /** Gives one back that was taken; `isUsable` when the exchange on it came to its end. */
  giveBack(connection: HostConnection, isUsable: boolean): void {
    if (!isUsable) return void this.#end(connection);
    connection.isIdle = true;
    this.#idle.add(connection);
    const [longest] = this.#idle;
    if (this.#idle.size > this.#mostIdle && longest !== undefined) void this.#end(longest);
  }

  /** Ends all of them, for good. */
  async close(reason: Error): Promise<void> {
    this.#closedBy = reason;
    const known = [...this.#hosts.values()];
    const closing = known.flatMap((host) => [...host.closing]);
    const live = known.flatMap((host) => [...host.live]);
    await Promise.all([...closing, ...live.map((connection) => this.#end(connection, reason))]);
  }

  /** @returns what has to be over before another connection may be made. */
  #makeRoom({ live, closing }: Known): Promise<void> | undefined {
    if (live.size + closing.size < this.#mostPerHost) return undefined;
    const idle = idleOf({ live });
    if (idle !== undefined) void this.#end(idle);
    const [gone] = closing;
    if (gone !== undefined) closing.delete(gone);
    return gone;
  }

  #end(connection: HostConnection, reason?: Error): Promise<void> {
    const ended = connection.end(reason);
    this.#idle.delete(connection);
    const known = this.#hosts.get(connection.host);
    if (!known?.live.delete(connection)) return ended;
    known.closing.add(ended);
    return ended.then(() => {
      known.closing.delete(ended);
      const isEmpty = known.live.size + known.closing.size === 0;
      if (isEmpty && this.#hosts.get(connection.host) === known) this.#hosts.delete(connection.host);
    });
  }
}

function idleOf({ live }: Pick<Known, 'live'>, origin?: string): HostConnection | undefined {
  for (const connection of live)
    if (connection.isIdle && (origin === undefined || connection.origin === origin)) return connection;
  return undefined;
}

/** One connection, made when it is first needed. */
export class HostConnection {
  readonly origin: string;
  readonly host: string;
  isIdle = false;
  onIdleEnd: () => void = () => {};
  readonly #client: Client;
  #connecting: Socket | undefined;
  #ended: Promise<void> | undefined;

  /** @param first Has to be over before it may be made. */
  constructor(origin: string, host: string, connector: GuardedConnector, first: Promise<void> | undefined) {
    this.origin = origin;
    this.host = host;
    this.#client = new Client(origin, {
      connect: (target, callback) => {
        const connect = (): void => {
          if (this.#ended !== undefined) callback(unneeded, null);
          else this.#connecting = connector.connect(target, callback);
        };
        if (first === undefined) connect();
        else void first.then(connect);
      },
      pipelining: 1,
      allowH2: false,
      keepAliveTimeout: keepAliveTimeoutMs,
      keepAliveMaxTimeout: keepAliveTimeoutMs,
      // Kept by the clock of each image, which stands still while nobody waits.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    this.#client.on('connect', () => {
      this.#connecting = undefined;
    });
    this.#client.on('disconnect', () => {
      if (this.isIdle) this.onIdleEnd();
    });
  }

  send(request: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    this.#client.dispatch(request, handler);
  }

  /** Resolves when it is closed. */
  end(reason: Error = unneeded): Promise<void> {
    this.isIdle = false;
    this.#ended ??= this.#close(reason);
    return this.#ended;
  }

  async #close(reason: Error): Promise<void> {
    const closed = this.#client.destroy(reason);
    this.#connecting?.destroy(reason);
    await closed;
  }
}

const unneeded = new Error('the connection is not needed any longer');

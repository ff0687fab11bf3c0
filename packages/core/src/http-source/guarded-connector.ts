import { isIP, Socket } from 'node:net';

import { buildConnector } from 'undici';

import type { AddressRule } from './address-rule.ts';
import { guardedLookup, lookupTimeout, type Resolve } from './guarded-lookup.ts';
import type { HostCertificates } from './host-certificates.ts';
import { blockedAddress, portOf } from './source-url.ts';

/** What the connector needs to know. */
export interface ConnectorOptions {
  readonly addresses: AddressRule;
  readonly resolve: Resolve;
  readonly lookupTimeoutMs: number;
  readonly connectTimeoutMs: number;
  /** What is trusted for single hosts, in place of the public authorities. Left out: nothing. */
  readonly certificates?: HostCertificates;
}

/**
 * Opens connections to addresses that the rule allows and to no others. A name is looked up once per connection, one
 * bad address refuses it, and what was judged is what is dialled. Every new connection passes here, those of
 * redirects included; one that is used again stays with the address it was judged for.
 */
export class GuardedConnector {
  readonly #options: ConnectorOptions;
  /** By port, because a lookup is not told for which port it is; of hosts with certificates of their own by host too. */
  readonly #dialers = new Map<string, buildConnector.connector>();
  /** Connections under way, and how many requests wait for one, by origin. */
  readonly #connecting = new Map<string, Set<Socket>>();
  readonly #waiting = new Map<string, number>();

  constructor(options: ConnectorOptions) {
    this.#options = options;
  }

  /** What undici calls for a new connection. */
  readonly connect: buildConnector.connector = (target, callback) => {
    const port = portOf(target);
    const hostname = target.hostname.replace(/^\[|\]$/g, '');
    // Nothing is looked up for a literal address, so the lookup would not judge it.
    const isLiteral = isIP(hostname) !== 0;
    if (isLiteral && !this.#mayDial(hostname, port)) return callback(blockedAddress(), null);
    const connected: buildConnector.Callback = (...[error, socket]) => {
      if (socket instanceof Socket) this.#forget(originOf(target), socket);
      if (error !== null) return callback(error, null);
      if (this.#isRightPeer(socket, port)) return callback(null, socket);
      socket.destroy();
      callback(blockedAddress(), null);
    };
    // The connector answers its socket, although its type does not say so.
    const socket: unknown = this.#dialerFor(port, hostname)(target, connected);
    if (!(socket instanceof Socket)) return;
    this.#remember(originOf(target), socket);
    if (!isLiteral) this.#limitLookup(socket);
  };

  /** A request is about to wait for a connection to this origin. */
  expect(origin: string): void {
    this.#waiting.set(origin, (this.#waiting.get(origin) ?? 0) + 1);
  }

  /** A request waits no longer. When it was the last one, connections that are still under way have no use. */
  unexpect(origin: string): void {
    const waiting = (this.#waiting.get(origin) ?? 1) - 1;
    if (waiting > 0) this.#waiting.set(origin, waiting);
    else {
      this.#waiting.delete(origin);
      this.#abandon(origin);
    }
  }

  #dialerFor(port: number, hostname: string): buildConnector.connector {
    const ca = this.#options.certificates?.get(hostname);
    const key = ca === undefined ? `${port}` : `${hostname}:${port}`;
    const known = this.#dialers.get(key);
    if (known !== undefined) return known;
    const dialer = buildConnector({
      // Here and not in the Agent, which leaves the protocol to a connector of one's own.
      allowH2: false,
      // Said, so that NODE_TLS_REJECT_UNAUTHORIZED and --tls-min-v1.0 have no say.
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2',
      ...(ca === undefined ? {} : { ca }),
      timeout: this.#options.connectTimeoutMs,
      lookup: guardedLookup(this.#options.resolve, (address) => this.#mayDial(address, port)),
    });
    this.#dialers.set(key, dialer);
    return dialer;
  }

  #limitLookup(socket: Socket): void {
    const { lookupTimeoutMs } = this.#options;
    const timer = setTimeout(() => socket.destroy(lookupTimeout(lookupTimeoutMs)), lookupTimeoutMs);
    for (const event of ['lookup', 'close']) socket.once(event, () => clearTimeout(timer));
  }

  /** A socket that was already closed again has no peer, and nothing can be read from it. */
  #isRightPeer({ remoteAddress }: Socket, port: number): boolean {
    return remoteAddress === undefined || this.#mayDial(remoteAddress, port);
  }

  #mayDial(address: string, port: number): boolean {
    return this.#options.addresses.mayDial(address, port);
  }

  #remember(origin: string, socket: Socket): void {
    if (!socket.connecting) return;
    const sockets = this.#connecting.get(origin) ?? new Set();
    this.#connecting.set(origin, sockets.add(socket));
    socket.once('close', () => this.#forget(origin, socket));
  }

  #forget(origin: string, socket: Socket): void {
    const sockets = this.#connecting.get(origin);
    if (sockets?.delete(socket) && sockets.size === 0) this.#connecting.delete(origin);
  }

  #abandon(origin: string): void {
    // With an error, because undici waits for one: a socket that only closes would leave its client connecting.
    for (const socket of this.#connecting.get(origin) ?? [])
      socket.destroy(new Error('nobody waits any longer'));
    this.#connecting.delete(origin);
  }
}

function originOf({ protocol, host, hostname }: buildConnector.Options): string {
  return `${protocol}//${host ?? hostname}`;
}

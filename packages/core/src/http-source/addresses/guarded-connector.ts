import { isIP, Socket } from 'node:net';
import { DEFAULT_CIPHERS } from 'node:tls';

import { buildConnector } from 'undici';

import { blockedAddress, portOf } from '../source-url.ts';
import type { AddressRule } from './address-rule.ts';
import { guardedLookup, lookupTimeout, type Resolve } from './guarded-lookup.ts';
import type { HostCertificates } from './host-certificates.ts';

/**
 * Without a key exchange whose group the server makes up: a group of 10,000 bits holds up the process for half a second,
 * before a certificate is judged. Elliptic curves, and the groups of TLS 1.3, have names and sizes.
 */
const ciphers = `${DEFAULT_CIPHERS}:!kDHE`;

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

  constructor(options: ConnectorOptions) {
    this.#options = options;
  }

  /**
   * What undici calls for a new connection.
   * @returns the connection under way, unless it is refused before it is dialled.
   */
  connect(target: buildConnector.Options, callback: buildConnector.Callback): Socket | undefined {
    const port = portOf(target);
    const hostname = target.hostname.replace(/^\[|\]$/g, '');
    // Nothing is looked up for a literal address, so the lookup would not judge it.
    const isLiteral = isIP(hostname) !== 0;
    if (isLiteral && !this.#mayDial(hostname, port)) {
      callback(blockedAddress(), null);
      return undefined;
    }
    const connected: buildConnector.Callback = (...[error, socket]) => {
      if (error !== null) return callback(error, null);
      if (this.#isRightPeer(socket, port)) return callback(null, socket);
      socket.destroy();
      callback(blockedAddress(), null);
    };
    // The connector answers its socket, although its type does not say so.
    const socket: unknown = this.#dialerFor(port, hostname)(target, connected);
    if (!(socket instanceof Socket)) return undefined;
    if (!isLiteral) this.#limitLookup(socket);
    return socket;
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
      ciphers,
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
}

import type { LookupAddress, LookupAllOptions } from 'node:dns';
import { isIP, type LookupFunction, Socket } from 'node:net';

import { buildConnector } from 'undici';

import { TransferError } from '../transfer-error.ts';
import type { AddressRule } from './address-rule.ts';
import { blockedAddress, portOf } from './source-url.ts';

/** Asks for every address of a name. `dns.lookup` fits. */
export type Resolve = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** What the connector needs to know. */
export interface ConnectorOptions {
  readonly addresses: AddressRule;
  readonly resolve: Resolve;
  readonly connectTimeoutMs: number;
}

/** How many addresses of one name are dialled, one after another. All of them are judged. */
const mostDialled = 8;

/**
 * Opens connections to addresses that the rule allows and to no others. A name is looked up once per connection, one
 * bad address refuses it, and what was judged is what is dialled. Every new connection passes here, those of
 * redirects included; one that is used again stays with the address it was judged for.
 */
export class GuardedConnector {
  readonly #options: ConnectorOptions;
  /** By port, because a lookup is not told for which port it is. */
  readonly #dialers = new Map<number, buildConnector.connector>();

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
    if (isIP(hostname) !== 0 && !this.#mayDial(hostname, port)) {
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
    const socket: unknown = this.#dialerFor(port)(target, connected);
    return socket instanceof Socket ? socket : undefined;
  }

  #dialerFor(port: number): buildConnector.connector {
    const known = this.#dialers.get(port);
    if (known !== undefined) return known;
    const dialer = buildConnector({
      // Here and not in the Agent, which leaves the protocol to a connector of one's own.
      allowH2: false,
      // Said, so that NODE_TLS_REJECT_UNAUTHORIZED has no say.
      rejectUnauthorized: true,
      timeout: this.#options.connectTimeoutMs,
      lookup: this.#lookupFor(port),
    });
    this.#dialers.set(port, dialer);
    return dialer;
  }

  #lookupFor(port: number): LookupFunction {
    return (hostname, options, callback) => {
      this.#options.resolve(hostname, { ...options, all: true }, (error, addresses) => {
        const refused = error ?? this.#judgeAnswer(addresses, port);
        const [first] = addresses ?? [];
        if (refused !== undefined || first === undefined) return callback(refused ?? notFound(), '', 0);
        if (options.all) callback(null, addresses.slice(0, mostDialled));
        else callback(null, first.address, first.family);
      });
    };
  }

  #judgeAnswer(addresses: readonly LookupAddress[], port: number): TransferError | undefined {
    if (addresses.length === 0) return notFound();
    return addresses.every(({ address }) => this.#mayDial(address, port)) ? undefined : blockedAddress();
  }

  /** A socket that was already closed again has no peer, and nothing can be read from it. */
  #isRightPeer({ remoteAddress }: Socket, port: number): boolean {
    return remoteAddress === undefined || this.#mayDial(remoteAddress, port);
  }

  #mayDial(address: string, port: number): boolean {
    return this.#options.addresses.mayDial(address, port);
  }
}

function notFound(): TransferError {
  return new TransferError('host_not_found', 'the host name of the URL has no address');
}

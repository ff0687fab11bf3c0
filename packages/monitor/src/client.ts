import { isIPv6 } from 'node:net';

import { foreignText, InvalidOptionError, type Logger } from '@imgferry/core';
import { passedOnBy } from './access/passed-on.ts';

/** What is known of the connection that a request came by. A `Request` by itself does not say it. */
export interface Connection {
  /** The IP address at its other end, which may be that of a proxy. `toNodeHandler` of `@imgferry/http-adapter` tells it. */
  readonly remoteAddress?: string | undefined;
}

/** Names the client that a request is of, for counting; `undefined` where nobody knows it. */
export type ClientOf = (request: Request, connection: Connection) => string | undefined;

/** The hook, or the address, so that one client is one name. @throws InvalidOptionError */
export function clientNamer(hook: ClientOf | undefined, logger: Logger): ClientOf {
  const named = hook ?? addressNamer(logger);
  if (typeof named !== 'function') throw new InvalidOptionError('clientOf', 'is not a function');
  return (request, connection) => {
    const client: unknown = named(request, connection);
    if (client === undefined || client === null || client === '') return undefined;
    if (typeof client !== 'string') throw new TypeError('clientOf answered neither a text nor undefined');
    return networkOf(client);
  };
}

/** Names the address, and says once that behind a proxy this is the same for all. */
function addressNamer(logger: Logger): ClientOf {
  let isSaid = false;
  return (request, { remoteAddress }) => {
    const header = isSaid ? undefined : passedOnBy(request);
    if (header !== undefined) {
      isSaid = true;
      logger.warn(
        { header: foreignText(header) },
        'the monitor was asked as a proxy asks: set clientOf, or all who come by it are one client with their wrong passwords and their pages',
      );
    }
    return remoteAddress;
  };
}

/** The network of 48 bits that an IPv6 client is in, of which one site has each network; of any other itself. */
export function siteOf(client: string): string {
  return /^(?:[0-9a-f]{1,4}:){3}[0-9a-f]{1,4}$/.test(client)
    ? client.slice(0, client.lastIndexOf(':'))
    : client;
}

/** IPv4 in IPv6 (RFC 4291, 2.5.5.2, and RFC 6052, 2.1): the six groups before it. */
const beforeIPv4 = ['0:0:0:0:0:ffff', '64:ff9b:0:0:0:0'];

/** In IPv6 one client has as many addresses as it likes, in its network of 64 bits. What is no address stays as it is. */
function networkOf(client: string): string {
  if (!isIPv6(client)) return client;
  const groups = groupsOf(client);
  if (beforeIPv4.includes(groups.slice(0, 6).join(':')))
    return groups
      .slice(6)
      .flatMap((group) => [...Buffer.from(group.padStart(4, '0'), 'hex')])
      .join('.');
  return groups.slice(0, 4).join(':');
}

/** The eight of an address, however it is written: a URL writes all of one address alike. */
function groupsOf(address: string): readonly string[] {
  const { hostname } = new URL(`http://[${address.replace(/%.*/, '')}]`);
  const [before = [], after = []] = hostname
    .slice(1, -1)
    .split('::')
    .map((part) => part.split(':').filter((group) => group !== ''));
  return [...before, ...Array(8 - before.length - after.length).fill('0'), ...after];
}

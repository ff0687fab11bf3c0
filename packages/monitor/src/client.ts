import { isIPv6 } from 'node:net';

import { InvalidOptionError } from '@imgferry/core';

/** What is known of the connection that a request came by. A `Request` by itself does not say it. */
export interface Connection {
  /** The IP address at its other end, which may be that of a proxy. `toNodeHandler` of `@imgferry/http-adapter` tells it. */
  readonly remoteAddress?: string | undefined;
}

/** Names the client that a request is of, for counting; `undefined` where nobody knows it. */
export type ClientOf = (request: Request, connection: Connection) => string | undefined;

/** The hook, or the address, so that one client is one name. @throws InvalidOptionError */
export function clientNamer(hook: ClientOf = ofAddress): ClientOf {
  if (typeof hook !== 'function') throw new InvalidOptionError('clientOf', 'is not a function');
  return (request, connection) => {
    const client: unknown = hook(request, connection);
    if (client === undefined || client === null || client === '') return undefined;
    if (typeof client !== 'string') throw new TypeError('clientOf answered neither a text nor undefined');
    return networkOf(client);
  };
}

function ofAddress(_request: Request, { remoteAddress }: Connection): string | undefined {
  return remoteAddress;
}

/** The network of 48 bits that an IPv6 client is in, of which one site has each network; of any other itself. */
export function siteOf(client: string): string {
  return /^(?:[0-9a-f]{1,4}:){3}[0-9a-f]{1,4}$/.test(client)
    ? client.slice(0, client.lastIndexOf(':'))
    : client;
}

/** In IPv6 one client has as many addresses as it likes, in its network of 64 bits. What is no address stays as it is. */
function networkOf(client: string): string {
  if (!isIPv6(client)) return client;
  const address = client.toLowerCase();
  if (/^::ffff:.*\./.test(address)) return address.slice('::ffff:'.length);
  const [head = '', tail = ''] = address.split('::');
  const groups = head.split(':');
  const missing = 8 - groups.length - (tail === '' ? 0 : tail.split(':').length);
  return [...groups, ...Array(Math.max(0, missing)).fill('0')].slice(0, 4).join(':');
}

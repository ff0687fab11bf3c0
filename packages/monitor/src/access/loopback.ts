import { isIPv4 } from 'node:net';

import { InvalidOptionError } from '@imgferry/core';
import type { Connection } from '../client.ts';
import { Problem } from '../problem.ts';
import { hostNameOf } from './host-name.ts';
import { passedOnBy } from './passed-on.ts';
import type { Gate, Visitor } from './visitor.ts';

/**
 * Lets in whoever is on this machine, as far as the server says so: a Host header can be made up. That a page of another
 * site asks here by a name that leads to 127.0.0.1 (DNS rebinding) is seen by the Host header, which then has that name.
 * @param listensOn The address that the server listens on. @throws InvalidOptionError
 */
export function loopbackGate(listensOn: string): Gate {
  if (typeof listensOn !== 'string' || !isLoopback(listensOn))
    throw new InvalidOptionError(
      'access.loopback',
      'is not an address of this machine alone (127.0.0.1, ::1, localhost): without users, authorize or anonymous the monitor listens nowhere else',
    );
  const visitor: Visitor = { role: 'write', user: null };
  return {
    mayRevoke: false,
    asksByBasic: false,
    async enter(request, connection) {
      requireLoopback(request, connection);
      return visitor;
    },
  };
}

function requireLoopback(request: Request, { remoteAddress }: Connection): void {
  if (remoteAddress === undefined)
    throw new Problem(
      'forbidden',
      'nobody says from which address this comes: on a Unix socket give the monitor users, authorize or anonymous; called as a web handler, the remoteAddress',
    );
  if (!isLoopback(remoteAddress)) throw new Problem('forbidden', 'only whoever is on this machine gets in');
  if (passedOnBy(request) !== undefined)
    throw new Problem('forbidden', 'what a proxy passes on is not from this machine: give the monitor users');
  if (!isLoopback(hostNameOf(request)))
    throw new Problem('forbidden', 'the Host header must be localhost or a loopback address');
}

/** Addresses of a socket may be IPv4 ones in IPv6. */
function isLoopback(name: string): boolean {
  if (name === 'localhost' || name === '::1') return true;
  const address = name.replace(/^::ffff:/i, '');
  return isIPv4(address) && address.startsWith('127.');
}

import { isIP } from 'node:net';

import ipaddr from 'ipaddr.js';

/** An address in bytes. */
export type Address = ipaddr.IPv4 | ipaddr.IPv6;

/**
 * Reads an address in its standard spelling; `undefined` for anything else, decimal, octal and short forms included.
 * IPv4 mapped into IPv6 (`::ffff:0:0/96`, RFC 4291) comes back as IPv4, because that is what a socket dials.
 */
export function parseAddress(text: string): Address | undefined {
  if (isIP(text) === 0) return undefined;
  const address = parseLiteral(text);
  return address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
}

/** Reads an address that is known to be one, as it is spelled: mapped IPv4 stays IPv6. */
export function parseLiteral(text: string): Address {
  // ipaddr.js takes `::1.2.3.4`, which is ::/96, for the mapped form.
  return ipaddr.parse(text.replace(/^::(?=\d+\.)/, '0:0:0:0:0:0:'));
}

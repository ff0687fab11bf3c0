import ipaddr from 'ipaddr.js';

import type { Address } from './parse-address.ts';

/** A form in which IPv6 addresses hold IPv4 ones: the block, and which of the 16 bytes are the four. */
type Form = readonly [block: string, bytes: readonly number[], reading?: 'inverted'];

const lastFour = [12, 13, 14, 15];

const forms = (
  [
    ['64:ff9b::/96', lastFour], // NAT64, RFC 6052
    // NAT64 of one network, RFC 8215. How long its prefix is only that network knows: RFC 6052, section 2.2.
    ['64:ff9b:1::/48', lastFour],
    ['64:ff9b:1::/48', [9, 10, 11, 12]],
    ['64:ff9b:1::/48', [7, 9, 10, 11]],
    ['64:ff9b:1::/48', [6, 7, 9, 10]],
    ['::/96', lastFour], // IPv4-compatible, RFC 4291
    ['::ffff:0:0:0/96', lastFour], // translated, RFC 2765
    ['2002::/16', [2, 3, 4, 5]], // 6to4, RFC 3056
    ['2001::/32', [4, 5, 6, 7]], // the server of Teredo, RFC 4380
    ['2001::/32', lastFour, 'inverted'], // and its client
  ] satisfies Form[]
).map(
  ([block, bytes, reading]) =>
    [ipaddr.IPv6.parseCIDR(block), bytes, reading === 'inverted' ? 0xff : 0] as const,
);

/**
 * Every IPv4 address that an IPv6 address may be translated or tunnelled to, as far as the form tells. Mapped ones are
 * not among them: they are read as IPv4 in the first place.
 */
export function embeddedIPv4(address: Address): readonly ipaddr.IPv4[] {
  if (address instanceof ipaddr.IPv4) return [];
  const octets = address.toByteArray();
  return forms
    .filter(([block]) => address.match(block))
    .map(([, bytes, mask]) => new ipaddr.IPv4(bytes.map((at) => (octets[at] ?? 0) ^ mask)));
}

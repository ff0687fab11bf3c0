import ipaddr from 'ipaddr.js';

import { type Address, parseAddress } from './parse-address.ts';

// https://www.iana.org/assignments/iana-ipv4-special-registry and multicast.
const specialIPv4: readonly [ipaddr.IPv4, number][] = [
  '0.0.0.0/8', // this network; 0.0.0.0 reaches loopback
  '10.0.0.0/8', // private
  '100.64.0.0/10', // shared by carriers; also metadata of some clouds
  '127.0.0.0/8', // loopback
  '168.63.129.16/32', // Azure's inside services, in no registry
  '169.254.0.0/16', // link-local; metadata of most clouds
  '172.16.0.0/12', // private
  '192.0.0.0/24', // protocol assignments
  '192.0.2.0/24', // documentation
  '192.31.196.0/24', // AS112
  '192.52.193.0/24', // AMT
  '192.88.99.0/24', // 6to4 relays
  '192.168.0.0/16', // private
  '192.175.48.0/24', // AS112
  '198.18.0.0/15', // benchmarking
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved and broadcast
].map((cidr) => ipaddr.IPv4.parseCIDR(cidr));

const globalUnicastIPv6 = ipaddr.IPv6.parseCIDR('2000::/3');

// https://www.iana.org/assignments/iana-ipv6-special-registry, as far as it lies inside 2000::/3.
const specialIPv6: readonly [ipaddr.IPv6, number][] = [
  '2001::/23', // protocol assignments: Teredo, benchmarking, AMT, AS112, ORCHID, drones
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4: leads to any IPv4 address, and nobody serves images behind it
  '2620:4f:8000::/48', // AS112
  '3fff::/20', // documentation
].map((cidr) => ipaddr.IPv6.parseCIDR(cidr));

/** NAT64 (RFC 6052): how networks without IPv4 reach the IPv4 web, so all its public half has business here. */
const nat64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');

/**
 * Tells whether an address is global unicast: of one machine, reachable by everyone. IPv4 inside IPv6 is decoded and
 * judged again where the public web uses the form (mapped, NAT64) and refused where it does not (IPv4-compatible,
 * translated, local NAT64, 6to4, Teredo). What is no address is not public.
 */
export function isPublicAddress(text: string): boolean {
  const address = parseAddress(text);
  return address !== undefined && isPublic(address);
}

function isPublic(address: Address): boolean {
  if (address instanceof ipaddr.IPv4) return !specialIPv4.some((range) => address.match(range));
  if (address.match(nat64)) return isPublic(lastFourBytes(address));
  return address.match(globalUnicastIPv6) && !specialIPv6.some((range) => address.match(range));
}

function lastFourBytes(address: ipaddr.IPv6): ipaddr.IPv4 {
  return new ipaddr.IPv4(address.toByteArray().slice(12));
}

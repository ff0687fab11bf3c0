import { isIP } from 'node:net';

import ipaddr from 'ipaddr.js';

import { InvalidOptionError } from '../../errors.ts';
import { type Address, parseAddress, parseLiteral } from './parse-address.ts';

/** A list of addresses and ranges of them. */
export interface AddressList {
  readonly empty: boolean;
  has(address: string): boolean;
}

/**
 * Reads an option that lists addresses and CIDRs.
 * @throws InvalidOptionError for anything else, names and patterns included: what a name means is for others to say.
 */
export function createAddressList(option: string, entries: readonly string[]): AddressList {
  const ranges = entries.map((entry) => readEntry(option, entry));
  return {
    empty: ranges.length === 0,
    has(text) {
      const address = parseAddress(text);
      return address !== undefined && ranges.some((range) => holds(range, address));
    },
  };
}

type Range = readonly [Address, prefixBits: number];

function readEntry(option: string, entry: unknown): Range {
  const range = typeof entry === 'string' ? readRange(entry.trim()) : undefined;
  if (range === undefined)
    throw new InvalidOptionError(option, `holds ${JSON.stringify(entry)}; it must be an address or a CIDR`);
  return range;
}

function readRange(entry: string): Range | undefined {
  const [text = '', bits, ...rest] = entry.split('/');
  const family = isIP(text);
  if (family === 0 || rest.length > 0) return undefined;
  const widest = family === 4 ? 32 : 128;
  const prefixBits = bits === undefined ? widest : readPrefix(bits, widest);
  return prefixBits === undefined ? undefined : unmapped(parseLiteral(text), prefixBits);
}

function readPrefix(bits: string, widest: number): number | undefined {
  return /^\d{1,3}$/.test(bits) && Number(bits) <= widest ? Number(bits) : undefined;
}

/** Addresses are judged as IPv4 where they are mapped IPv4, so a range inside that block has to be IPv4 too. */
function unmapped(address: Address, prefixBits: number): Range {
  if (address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && prefixBits >= 96)
    return [address.toIPv4Address(), prefixBits - 96];
  return [address, prefixBits];
}

function holds([start, prefixBits]: Range, address: Address): boolean {
  return start.kind() === address.kind() && address.match([start, prefixBits]);
}

import { isIP } from 'node:net';

import { InvalidOptionError } from '../../errors.ts';
import { canonicalHost } from '../source-url.ts';
import { type AddressList, createAddressList } from './address-list.ts';

/** What the option `denyHosts` means: names are looked for in URLs, addresses wherever something is dialled. */
export interface DeniedHosts {
  /** As {@link canonicalHost} spells them. */
  readonly names: ReadonlySet<string>;
  readonly addresses: AddressList;
}

/**
 * Reads the option `denyHosts`.
 * @throws InvalidOptionError for patterns, ports and URLs.
 */
export function readDeniedHosts(entries: readonly unknown[]): DeniedHosts {
  const hosts = entries.map(readEntry);
  return {
    names: new Set(hosts.filter((host) => !isRange(host))),
    addresses: createAddressList('denyHosts', hosts.filter(isRange)),
  };
}

/** A name, an address without brackets, or a CIDR as it is given. */
function readEntry(entry: unknown): string {
  const text = typeof entry === 'string' ? entry : '';
  const host = isRange(text) ? text : canonicalHost(text);
  if (host === undefined)
    throw new InvalidOptionError(
      'denyHosts',
      `holds ${JSON.stringify(entry)}; it must be a host name without a port, an address or a CIDR`,
    );
  return host.replace(/^\[|\]$/g, '');
}

/** An address, with or without the length of a prefix; whether that fits is for the list to say. */
function isRange(text: string): boolean {
  return isIP(text.split('/', 1)[0] ?? '') !== 0;
}

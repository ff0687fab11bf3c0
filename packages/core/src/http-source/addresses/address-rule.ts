import type { AddressList } from './address-list.ts';
import { embeddedIPv4 } from './embedded-ipv4.ts';
import { parseAddress } from './parse-address.ts';
import { isPublicAddress } from './public-address.ts';

/** Which addresses may be dialled on which ports. */
export interface AddressRule {
  /** Nothing but the public web may be reached. */
  readonly publicOnly: boolean;
  /** Whether every public address may be dialled on this port, and not only those of the allow list. */
  isPublicPort(port: number): boolean;
  mayDial(address: string, port: number): boolean;
}

/** What an address rule is made of. */
export interface AddressRuleParts {
  /** May be dialled on any port although they are not public. */
  readonly allow: AddressList;
  /** Are never dialled, whatever name leads to them. */
  readonly deny: AddressList;
  /** Where public addresses may be dialled. */
  readonly ports: ReadonlySet<number>;
}

/** Public addresses on the given ports, allowed addresses on any, denied ones on none. */
export function createAddressRule({ allow, deny, ports }: AddressRuleParts): AddressRule {
  return {
    publicOnly: allow.empty,
    isPublicPort: (port) => ports.has(port),
    mayDial: (address, port) =>
      !isDenied(address, deny) && (allow.has(address) || (ports.has(port) && isPublicAddress(address))),
  };
}

/** An IPv4 address is denied in every IPv6 form too: of those that lead to it, an allow list may have opened any. */
function isDenied(text: string, deny: AddressList): boolean {
  if (deny.empty) return false;
  const address = parseAddress(text);
  if (address === undefined) return false;
  return deny.has(text) || embeddedIPv4(address).some((inside) => deny.has(inside.toString()));
}

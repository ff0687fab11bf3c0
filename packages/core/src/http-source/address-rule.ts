import type { AddressList } from './address-list.ts';
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
      !deny.has(address) && (allow.has(address) || (ports.has(port) && isPublicAddress(address))),
  };
}

import type { AllowList } from './allow-list.ts';
import { isPublicAddress } from './public-address.ts';

/** Which addresses may be dialled on which ports. */
export interface AddressRule {
  /** Nothing but the public web may be reached. */
  readonly publicOnly: boolean;
  /** Whether every public address may be dialled on this port, and not only those of the allow list. */
  isPublicPort(port: number): boolean;
  mayDial(address: string, port: number): boolean;
}

/** Public addresses on the given ports; allowed addresses on any. */
export function createAddressRule(allow: AllowList, ports: ReadonlySet<number>): AddressRule {
  return {
    publicOnly: allow.empty,
    isPublicPort: (port) => ports.has(port),
    mayDial: (address, port) => allow.has(address) || (ports.has(port) && isPublicAddress(address)),
  };
}

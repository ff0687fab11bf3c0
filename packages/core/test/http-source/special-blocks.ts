// What the registries of IANA say, told once more and without the code under test: as text, by arithmetic on numbers.
// https://www.iana.org/assignments/iana-ipv4-special-registry and …/iana-ipv6-special-registry.

/** Addresses from `first` to `last`, both included, of 32 or 128 bits. */
export interface Block {
  readonly first: bigint;
  readonly last: bigint;
}

const registeredIPv4 = `
  0.0.0.0/8 0.0.0.0/32 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.0.0/29
  192.0.0.8/32 192.0.0.9/32 192.0.0.10/32 192.0.0.170/32 192.0.0.171/32 192.0.2.0/24 192.31.196.0/24 192.52.193.0/24
  192.88.99.0/24 192.88.99.2/32 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24
  240.0.0.0/4 255.255.255.255/32`;

const registeredIPv6 = `
  ::1/128 ::/128 ::ffff:0:0/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 100:0:0:1::/64 2001::/23 2001::/32 2001:1::1/128
  2001:1::2/128 2001:1::3/128 2001:2::/48 2001:3::/32 2001:4:112::/48 2001:10::/28 2001:20::/28 2001:30::/28
  2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20 5f00::/16 fc00::/7 fe80::/10`;

/** Multicast, which has registries of its own, and the addresses at which clouds serve secrets to their machines. */
const insideIPv4 = `
  224.0.0.0/4 168.63.129.16/32 169.254.169.254/32 169.254.170.2/32 169.254.42.42/32 100.100.100.200/32 192.0.0.192/32`;

const insideIPv6 = `
  ff00::/8 fec0::/10 fd00:ec2::254/128 fd00:ec2::23/128 fd20:ce::254/128 fd00:c1::a9fe:a9fe/128 fd00:42::42/128
  fe80::a9fe:a9fe/128`;

export const specialIPv4: readonly Block[] = blocks(registeredIPv4 + insideIPv4);
export const specialIPv6: readonly Block[] = blocks(registeredIPv6 + insideIPv6);

export const globalUnicast: Block = block('2000::/3');
export const mapped: Block = block('::ffff:0:0/96');
export const nat64: Block = block('64:ff9b::/96');
/** What RFC 4291 leaves for later, beside the blocks above. */
export const unassignedIPv6: readonly Block[] = blocks(
  '::/8 100::/8 200::/7 400::/6 800::/5 1000::/4 4000::/2 8000::/1',
);

export const isIn = (value: bigint, { first, last }: Block): boolean => first <= value && value <= last;

export function isPublicIPv4(value: bigint): boolean {
  return !specialIPv4.some((special) => isIn(value, special));
}

export function isPublicIPv6(value: bigint): boolean {
  if (isIn(value, mapped) || isIn(value, nat64)) return isPublicIPv4(value & 0xffff_ffffn);
  return isIn(value, globalUnicast) && !specialIPv6.some((special) => isIn(value, special));
}

/** Reads an address in its standard spelling. */
export function addressValue(address: string): bigint {
  const text = address.replace(/%.*$/, '').replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (dotted) => {
    const value = dotted.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
    return address.includes(':')
      ? `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`
      : `${value}`;
  });
  if (!text.includes(':')) return BigInt(text);
  const [before = '', after] = text.split('::');
  const left = before.split(':').filter(Boolean);
  const right = (after ?? '').split(':').filter(Boolean);
  const groups = [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
  return groups.reduce((sum, group) => sum * 0x10000n + BigInt(`0x${group}`), 0n);
}

function blocks(text: string): Block[] {
  return text.trim().split(/\s+/).map(block);
}

function block(cidr: string): Block {
  const [address = '', bits = ''] = cidr.split('/');
  const width = address.includes(':') ? 128 : 32;
  const first = addressValue(address);
  return { first, last: first + (1n << BigInt(width - Number(bits))) - 1n };
}

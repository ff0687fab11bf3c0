import fc, { type Arbitrary } from 'fast-check';

import {
  type Block,
  globalUnicast,
  isPublicIPv4,
  isPublicIPv6,
  mapped,
  nat64,
  specialIPv4,
  specialIPv6,
  unassignedIPv6,
} from './special-blocks.ts';

/** An address as a number. */
export interface AnyAddress {
  readonly family: 4 | 6;
  readonly value: bigint;
}

const all4: Block = { first: 0n, last: (1n << 32n) - 1n };
const all6: Block = { first: 0n, last: (1n << 128n) - 1n };

/** Anywhere in a block, and often at its ends. */
const within = ({ first, last }: Block): Arbitrary<bigint> =>
  fc.oneof({ arbitrary: fc.bigInt(first, last), weight: 3 }, fc.constantFrom(first, last));

/** Just before and just after a block. */
const beside = ({ first, last }: Block, { last: end }: Block): Arbitrary<bigint> =>
  fc.constantFrom(...[first - 1n, last + 1n].filter((value) => value >= 0n && value <= end));

const anyOf = (blocks: readonly Block[], of: (block: Block) => Arbitrary<bigint>): Arbitrary<bigint> =>
  fc.oneof(...blocks.map(of));

const insideIPv4 = anyOf(specialIPv4, within);
const publicIPv4 = fc
  .oneof(
    fc.bigInt(all4.first, all4.last),
    anyOf(
      specialIPv4.filter(({ first, last }) => first > 0n && last < all4.last),
      (block) => beside(block, all4),
    ),
  )
  .filter(isPublicIPv4);

/** A number of so many bits moved up by `shift`, inside the block that begins with `start`. */
const at = (start: bigint, shift: number) => (value: bigint) => start | (value << BigInt(shift));
const noise = (bits: number): Arbitrary<bigint> => fc.bigInt(0n, (1n << BigInt(bits)) - 1n);

const localNat64 = 0x0064_ff9b_0001n << 80n;

/** RFC 6052, section 2.2: the address goes round the byte in the middle, which is nought. */
const aroundMiddle = (value: bigint, before: number): bigint => {
  const after = BigInt(32 - before);
  return ((value >> after) << 64n) | ((value & ((1n << after) - 1n)) << (56n - after));
};

/** Forms that the public web uses: what is inside them decides. */
const transparent = [at(mapped.first, 0), at(nat64.first, 0)] as const;

/** Forms that it does not use: refused, whatever is inside them. */
const opaque: readonly ((value: bigint) => Arbitrary<bigint>)[] = [
  (value) => fc.constant(value), // compatible
  (value) => fc.constant(at(0xffff_0000_0000n, 0)(value)), // translated
  (value) => noise(48).map((rest) => localNat64 | (rest << 32n) | value),
  (value) => fc.constantFrom(16, 8, 0).map((before) => localNat64 | aroundMiddle(value, before)),
  (value) => noise(80).map((rest) => at(0x2002n << 112n, 80)(value) | rest), // 6to4
  (value) => noise(64).map((rest) => at(0x2001n << 112n, 64)(value) | rest), // the server of Teredo
  (value) => noise(64).map((rest) => (0x2001n << 112n) | (rest << 32n) | (value ^ 0xffff_ffffn)), // its client
  (value) =>
    fc.constantFrom(0n, 0x200n).map((u) => (0xfe80n << 112n) | (((u << 16n) | 0x5efen) << 32n) | value), // ISATAP
];

const embedded = fc.oneof(
  insideIPv4.chain((value) => fc.constantFrom(...transparent).map((form) => form(value))),
  fc.oneof(insideIPv4, publicIPv4).chain((value) => fc.oneof(...opaque.map((form) => form(value)))),
);

const insideIPv6 = fc
  .oneof(embedded, anyOf(specialIPv6, within), anyOf(unassignedIPv6, within))
  .filter((value) => !isPublicIPv6(value));

const publicIPv6 = fc
  .oneof(
    fc.bigInt(globalUnicast.first, globalUnicast.last),
    anyOf(specialIPv6, (block) => beside(block, all6)),
    publicIPv4.chain((value) => fc.constantFrom(...transparent).map((form) => form(value))),
  )
  .filter(isPublicIPv6);

const either = (four: Arbitrary<bigint>, six: Arbitrary<bigint>): Arbitrary<AnyAddress> =>
  fc.oneof(
    four.map((value) => ({ family: 4, value }) as const),
    six.map((value) => ({ family: 6, value }) as const),
  );

/** Addresses of every special block, and of every form that holds one, at random and at the ends of the blocks. */
export const anyInside: Arbitrary<AnyAddress> = either(insideIPv4, insideIPv6);

/** Addresses of the public web, at random and next to the special blocks. */
export const anyPublic: Arbitrary<AnyAddress> = either(publicIPv4, publicIPv6);

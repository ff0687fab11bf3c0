import fc, { type Arbitrary } from 'fast-check';

import type { AnyAddress } from './any-address.ts';

/** An address as a host of a URL, in any of the spellings that URL parsers read. */
export function anyHost({ family, value }: AnyAddress): Arbitrary<string> {
  return family === 4 ? anyIPv4Host(value) : anyIPv6(value).map((text) => `[${text}]`);
}

/** An address as a resolver may answer it: in full, IPv6 in any spelling and perhaps with a zone. */
export function anyAnswer({ family, value }: AnyAddress): Arbitrary<string> {
  if (family === 4) return fc.constant(dotted(value));
  return fc.tuple(anyIPv6(value), fc.constantFrom('', '', '%lo', '%1')).map((parts) => parts.join(''));
}

/** A URL that leads to a host, with all that URL parsers forgive. */
export function anyUrl(host: string): Arbitrary<string> {
  return fc.constantFrom(
    `http://${host}/`,
    `http://${host}`,
    `https://${host}/a.png`,
    `HTTP://${host}/?a=b`,
    `http:${host}`,
    `http:\\\\${host}\\a.png`,
    `http:////${host}//`,
    `http://${host}:80/`,
    `http://${host}:/`,
    `http://${host}#@pictures.example/`,
    `http://${host}\\@pictures.example/`,
    `http://${host}?@pictures.example/`,
    ` ht\ttp:/\n/${host}/\r`,
  );
}

/** One to four parts, each decimal, octal or hexadecimal, in digits of any kind, with dots of any kind. */
function anyIPv4Host(value: bigint): Arbitrary<string> {
  const parts = fc.integer({ min: 1, max: 4 }).map((count) => partsOf(value, count));
  const spelled = parts.chain((numbers) => fc.tuple(...numbers.map(anyNumber)));
  const host = fc.tuple(spelled, fc.boolean()).map(([texts, dot]) => `${texts.join('.')}${dot ? '.' : ''}`);
  return fc.oneof(host, host.chain(anyCharacters));
}

/** The last part holds all that is left, as in `127.1`. */
function partsOf(value: bigint, count: number): bigint[] {
  const leading = Array.from({ length: count - 1 }, (_, at) => (value >> BigInt(24 - 8 * at)) & 0xffn);
  const bits = BigInt(8 * (5 - count));
  return [...leading, value & ((1n << bits) - 1n)];
}

function anyNumber(number: bigint): Arbitrary<string> {
  const zeros = fc.integer({ min: 0, max: 5 }).map((count) => '0'.repeat(count));
  return fc.oneof(
    fc.constant(number.toString()),
    zeros.map((more) => `0${more}${number.toString(8)}`),
    fc.tuple(fc.constantFrom('0x', '0X'), zeros, fc.boolean()).map(([prefix, more, upper]) => {
      const digits = number === 0n && more !== '' ? '' : number.toString(16);
      return `${prefix}${more}${upper ? digits.toUpperCase() : digits}`;
    }),
  );
}

/** Other characters that mean the same in a host: IDNA maps them, and what is encoded is decoded first. */
function anyCharacters(text: string): Arbitrary<string> {
  return fc
    .tuple(...[...text].map((character) => fc.constantFrom(...alikes(character))))
    .map((characters) => characters.join(''));
}

function alikes(character: string): string[] {
  const same = [...(character === '.' ? dots : letters(character)), character, character];
  const mostly = [...same, ...same.map((one) => encodeEvery(one))];
  return [...mostly, ...same.map((one) => `${one}\u00ad`), `${character}\u200b`];
}

const dots = ['。', '．', '｡'];

function letters(character: string): string[] {
  const digit = Number.parseInt(character, 10);
  const full = String.fromCodePoint((character.codePointAt(0) ?? 0) + 0xfee0);
  if (Number.isNaN(digit))
    return [full, String.fromCodePoint(0x24d0 + character.toLowerCase().charCodeAt(0) - 97)];
  const circled = digit === 0 ? '⓪' : String.fromCodePoint(0x245f + digit);
  return [full, circled, '⁰¹²³⁴⁵⁶⁷⁸⁹'.charAt(digit), String.fromCodePoint(0x1d7d8 + digit)];
}

function encodeEvery(text: string): string {
  return [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}

/** Compressed anywhere or nowhere, with noughts, in capitals, with a dotted end. */
function anyIPv6(value: bigint): Arbitrary<string> {
  return fc
    .record({
      noughts: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 8, maxLength: 8 }),
      upper: fc.boolean(),
      dottedEnd: fc.boolean(),
      run: fc.option(fc.nat(), { nil: undefined }),
    })
    .map(({ noughts, upper, dottedEnd, run }) => {
      const groups = Array.from({ length: 8 }, (_, at) => (value >> BigInt(112 - 16 * at)) & 0xffffn);
      const texts = groups.map((group, at) => group.toString(16).padStart(1 + (noughts[at] ?? 0), '0'));
      if (dottedEnd) texts.splice(6, 2, dotted(value & 0xffff_ffffn));
      const text = compressed(texts, groups, run);
      return upper ? text.toUpperCase() : text;
    });
}

function compressed(texts: readonly string[], groups: readonly bigint[], run: number | undefined): string {
  const runs = texts.flatMap((_, start) =>
    texts.slice(start).flatMap((__, more) => {
      const end = start + more + 1;
      const covered = groups.slice(start, end);
      const holdsDotted = texts.slice(start, end).some((text) => text.includes('.'));
      return !holdsDotted && covered.every((group) => group === 0n) ? [[start, end] as const] : [];
    }),
  );
  const chosen = run === undefined ? undefined : runs[run % Math.max(1, runs.length)];
  if (chosen === undefined) return texts.join(':');
  return `${texts.slice(0, chosen[0]).join(':')}::${texts.slice(chosen[1]).join(':')}`;
}

function dotted(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.');
}

import fc from 'fast-check';

/** One change to bytes: what, where as a part of the whole, and with what. */
type Change = readonly [kind: keyof typeof changes, where: number, value: number];

const places = 2 ** 16;
/** Numbers at which fields of formats turn over. */
const edges = [0, 1, 2, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];
const mostBytes = 16_384;

/** A value or the name of a field. */
const jsonValue = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null/g;
const oddValues: readonly string[] = [
  ...['null', 'true', '0', '-0', '-1', '1.5', '1e400', '9007199254740993', '""', '[]', '{}', '[[{}]]'],
  ...['"__proto__"', '"constructor"', '"urls"', '"data"', '"error"', '"link"', '"message"', '"200"', '"429"'],
  ...['"\\ud800"', '"\\u0000\\u001b[2J\\u202e"', '"https://i.imgur.com/a b#c"', '"http://imgur.com/\\u00fc"'],
  ...[`"${'long '.repeat(100)}"`, '{"__proto__":{"polluted":1}}', '"wait 999999999 more minutes"'],
  ...['"https://a.example/\\ud83d"', '"https://[::1]/"', '"https:a.example"', '"HTTP://A.EXAMPLE/../x"'],
];

type Apply = (bytes: Buffer, at: number, value: number, other: Buffer) => Buffer;

const changes = {
  'flip a bit': (bytes, at, value) => withByte(bytes, at, (byte) => byte ^ (1 << (value % 8))),
  'set a byte': (bytes, at, value) => withByte(bytes, at, () => value % 256),
  'set a length, big end first': (bytes, at, value) => withNumber(bytes, at, value, 'BE'),
  'set a length, small end first': (bytes, at, value) => withNumber(bytes, at, value, 'LE'),
  'cut off': (bytes, at) => bytes.subarray(0, at),
  'take out': (bytes, at, value) => joined(bytes.subarray(0, at), bytes.subarray(at + 1 + (value % 16))),
  'put in': (bytes, at, value) => joined(bytes.subarray(0, at), numberBytes(value), bytes.subarray(at)),
  'repeat a block': (bytes, at, value) => {
    const block = bytes.subarray(at, at + 1 + (value % 64));
    const blocks = Array<Buffer>((value >>> 8) % 32).fill(block);
    return joined(bytes.subarray(0, at), ...blocks, bytes.subarray(at));
  },
  'splice in another': (bytes, at, value, other) => {
    const from = value % (other.length + 1);
    return joined(
      bytes.subarray(0, at),
      other.subarray(from, from + 1 + ((value >>> 8) % 64)),
      bytes.subarray(at),
    );
  },
  'go on as another': (bytes, at, value, other) =>
    joined(bytes.subarray(0, at), other.subarray(value % (other.length + 1))),
  'put another value into JSON': (bytes, at, value) => {
    jsonValue.lastIndex = at;
    const found = jsonValue.exec(bytes.toString('latin1'));
    if (found === null) return bytes;
    const odd = Buffer.from(oddValues[value % oddValues.length] ?? '');
    return joined(bytes.subarray(0, found.index), odd, bytes.subarray(found.index + found[0].length));
  },
} satisfies Readonly<Record<string, Apply>>;

const anyChange: fc.Arbitrary<Change> = fc.tuple(
  fc.constantFrom(...(Object.keys(changes) as (keyof typeof changes)[])),
  fc.nat(places - 1),
  fc.oneof(fc.nat(0xffff_ffff), fc.constantFrom(...edges)),
);

/** Bytes that come from seeds by a few changes. The smaller the failing case, the fewer changes are left. */
export function mutated(seeds: readonly Uint8Array[]): fc.Arbitrary<Buffer> {
  const anySeed = fc.constantFrom(...seeds);
  return fc
    .tuple(anySeed, anySeed, fc.array(anyChange, { maxLength: 5 }))
    .map(([seed, other, todo]) =>
      todo.reduce<Buffer>((bytes, change) => applied(change, bytes, other), Buffer.from(seed)),
    );
}

/** Where a text of bytes is cut into chunks. */
export const anyCuts: fc.Arbitrary<readonly number[]> = fc.array(fc.nat(places - 1), { maxLength: 6 });

/** The same bytes in other chunks, some of them empty. */
export function chunked(bytes: Uint8Array, cuts: readonly number[]): readonly Uint8Array[] {
  const ends = [...cuts.map((cut) => placeIn(bytes, cut)), bytes.length].sort((a, b) => a - b);
  return ends.map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end));
}

function applied([kind, where, value]: Change, bytes: Buffer, other: Uint8Array): Buffer {
  return changes[kind](bytes, placeIn(bytes, where), value, Buffer.from(other)).subarray(0, mostBytes);
}

/** Half of all changes are among the first bytes, where formats say what they are. */
function placeIn(bytes: Uint8Array, where: number): number {
  const within = where % 2 === 0 ? bytes.length : Math.min(bytes.length, 64);
  return Math.floor((where / places) * (within + 1));
}

function withByte(bytes: Buffer, at: number, change: (byte: number) => number): Buffer {
  const copy = Buffer.from(bytes);
  if (at < copy.length) copy[at] = change(copy[at] ?? 0);
  return copy;
}

function withNumber(bytes: Buffer, at: number, value: number, order: 'BE' | 'LE'): Buffer {
  const number = numberBytes(value);
  const copy = Buffer.from(bytes);
  copy.set((order === 'BE' ? number : number.reverse()).subarray(0, Math.max(0, copy.length - at)), at);
  return copy;
}

/** As many bytes as the number needs. */
function numberBytes(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes.subarray(value < 0x100 ? 3 : value < 0x1_0000 ? 2 : 0);
}

function joined(...parts: readonly Buffer[]): Buffer {
  return Buffer.concat(parts);
}

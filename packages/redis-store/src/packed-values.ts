/** A value as the steps pack it. */
export type PackedValue = string | number | boolean | null | readonly PackedValue[];

const shortTable = 0x80;
const shortList = 0x90;
const shortText = 0xa0;
const endOfShortText = 0xc0;
const negative = 0xe0;

/**
 * Reads values of MessagePack one behind the other, of the kinds that the `cmsgpack` of Redis writes of what is neither a
 * table with names nor a text of more than 4 GB.
 */
export class PackedValues {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  next(): PackedValue {
    const kind = this.#uint(1);
    if (kind < shortTable) return kind;
    if (kind < shortList) return this.#long(kind);
    if (kind < shortText) return this.#list(kind - shortList);
    if (kind < endOfShortText) return this.#text(kind - shortText);
    if (kind >= negative) return kind - 0x100;
    return this.#long(kind);
  }

  /** Goes into a list and answers how many values are to come. */
  enterList(): number {
    const kind = this.#uint(1);
    if (kind === 0xdc) return this.#uint(2);
    if (kind < shortList || kind >= shortText) throw new Error(`a step packs no list of the kind ${kind}`);
    return kind - shortList;
  }

  /** Passes over a text, which may hold values itself, and answers where it begins. */
  passText(): number {
    const kind = this.#uint(1);
    const isShort = kind < endOfShortText;
    return this.#pass(isShort ? kind - shortText : this.#uint(kind === 0xd9 ? 1 : kind === 0xda ? 2 : 4));
  }

  /** Whether there is nothing here; passes over it then. */
  passNull(): boolean {
    const isNull = this.#bytes[this.#at] === 0xc0;
    if (isNull) this.#at += 1;
    return isNull;
  }

  /** Passes over so many values. */
  pass(count: number): void {
    for (let left = count; left > 0; left -= 1) this.next();
  }

  /** Goes to where something begins. */
  goTo(at: number): void {
    this.#at = at;
  }

  #long(kind: number): PackedValue {
    const bytes = this.#bytes;
    switch (kind) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xca:
        return bytes.readFloatBE(this.#pass(4));
      case 0xcb:
        return bytes.readDoubleBE(this.#pass(8));
      case 0xcc:
        return this.#uint(1);
      case 0xcd:
        return this.#uint(2);
      case 0xce:
        return this.#uint(4);
      case 0xcf:
        return this.#uint(4) * 2 ** 32 + this.#uint(4);
      case 0xd0:
        return bytes.readInt8(this.#pass(1));
      case 0xd1:
        return bytes.readInt16BE(this.#pass(2));
      case 0xd2:
        return bytes.readInt32BE(this.#pass(4));
      case 0xd3:
        return Number(bytes.readBigInt64BE(this.#pass(8)));
      case 0xd9:
        return this.#text(this.#uint(1));
      case 0xda:
        return this.#text(this.#uint(2));
      case 0xdb:
        return this.#text(this.#uint(4));
      case 0xdc:
        return this.#list(this.#uint(2));
      default:
        throw new Error(`a step packs no values of the kind ${kind}`);
    }
  }

  #list(length: number): readonly PackedValue[] {
    const list: PackedValue[] = [];
    for (let place = 0; place < length; place += 1) list.push(this.next());
    return list;
  }

  #text(bytes: number): string {
    const begin = this.#pass(bytes);
    return this.#bytes.toString('utf8', begin, this.#at);
  }

  #uint(bytes: 1 | 2 | 4): number {
    let value = 0;
    for (let at = this.#pass(bytes); at < this.#at; at += 1)
      value = value * 0x100 + (this.#bytes[at] as number);
    return value;
  }

  /** Answers where it was. */
  #pass(bytes: number): number {
    const at = this.#at;
    this.#at += bytes;
    if (this.#at > this.#bytes.length) throw new Error('what a step has packed ends too soon');
    return at;
  }
}

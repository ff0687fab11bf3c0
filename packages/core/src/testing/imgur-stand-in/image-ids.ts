import { randomBytes, randomInt } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const BASE = BigInt(ALPHABET.length);
const ID_LENGTH = 7;
const ID_COUNT = BASE ** BigInt(ID_LENGTH);
// Prime to 62^7, so that counting up visits every id before one comes again.
const STRIDE = 2_176_477_521_929n;
const DELETE_HASH_LENGTH = 15;

/** Ids that look like Imgur's and never come twice from one stand-in. */
export class ImageIds {
  #position = BigInt(randomInt(2 ** 41));

  nextId(): string {
    this.#position = (this.#position + STRIDE) % ID_COUNT;
    let rest = this.#position;
    let id = '';
    for (let length = 0; length < ID_LENGTH; length += 1) {
      id += ALPHABET[Number(rest % BASE)];
      rest /= BASE;
    }
    return id;
  }

  nextDeleteHash(): string {
    let hash = '';
    for (const byte of randomBytes(DELETE_HASH_LENGTH)) hash += ALPHABET[byte % ALPHABET.length];
    return hash;
  }
}

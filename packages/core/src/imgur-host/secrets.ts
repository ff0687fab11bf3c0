/** Old tokens are kept back too, for replies that are still on their way. */
const mostPassing = 32;
/** What is shorter may stand in the link of any image by chance: their names have seven characters. */
const shortestInLinks = 8;

/** Knows what must never be shown, and takes it out of what strangers say: debug pages like to echo a request. */
export class Secrets {
  readonly #lasting: readonly string[];
  /** Those that others replace in time, the newest last, with their spellings. */
  readonly #passing = new Map<string, readonly string[]>();

  /** @param lasting Those that never change. */
  constructor(lasting: readonly (string | undefined)[] = []) {
    this.#lasting = lasting.flatMap(spellings);
  }

  add(secret: string): void {
    this.#passing.delete(secret);
    this.#passing.set(secret, spellings(secret));
    const [oldest] = this.#passing.keys();
    if (this.#passing.size > mostPassing && oldest !== undefined) this.#passing.delete(oldest);
  }

  /**
   * Longest first: one secret may be the beginning of another.
   * @param besides What is secret in this text alone.
   */
  redact(text: string, besides: readonly (string | undefined)[] = []): string {
    const longestFirst = this.#known(besides).sort((a, b) => b.length - a.length);
    return longestFirst.reduce((clean, spelling) => clean.replaceAll(spelling, '[secret]'), text);
  }

  /**
   * Whether a link repeats a secret, and not by chance.
   * @param besides What is secret in this link alone.
   */
  areIn(link: string, besides: readonly (string | undefined)[] = []): boolean {
    return this.#known(besides).some(
      (spelling) => spelling.length >= shortestInLinks && link.includes(spelling),
    );
  }

  #known(besides: readonly (string | undefined)[]): string[] {
    return [...this.#lasting, ...[...this.#passing.values()].flat(), ...besides.flatMap(spellings)];
  }
}

/**
 * As a gateway may echo it: as it is, in JSON, percent-encoded, in hexadecimal, in base64 with anything before it.
 * Shorter than four characters it would be found by chance, in any text.
 */
function spellings(secret: string | undefined): readonly string[] {
  if (secret === undefined || secret.length < 4) return [];
  const hex = Buffer.from(secret).toString('hex');
  const encoded = encodeURIComponent(secret);
  const percent = [encoded, encoded.replace(/%../g, (byte) => byte.toLowerCase())];
  const base64 = [0, 1, 2].flatMap((before) => inBase64(secret, before));
  return [secret, JSON.stringify(secret).slice(1, -1), ...percent, hex, hex.toUpperCase(), ...base64];
}

/** Three bytes are four characters, so the first and the last of them may depend on what stands around the secret. */
function inBase64(secret: string, bytesBefore: number): readonly string[] {
  const bytes = Buffer.concat([Buffer.alloc(bytesBefore), Buffer.from(secret)]);
  const own = bytes.subarray(bytesBefore === 0 ? 0 : 3, bytes.length - (bytes.length % 3));
  return own.length < 6 ? [] : [own.toString('base64'), own.toString('base64url')];
}

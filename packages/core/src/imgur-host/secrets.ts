/** Old tokens are kept back too, for replies that are still on their way. */
const mostKept = 32;

/** Knows what must never be shown, and takes it out of what strangers say: debug pages like to echo a request. */
export class Secrets {
  readonly #known = new Set<string>();

  constructor(secrets: readonly (string | undefined)[] = []) {
    for (const secret of secrets) this.add(secret);
  }

  /** Shorter than four characters it would be found by chance, in any text. */
  add(secret: string | undefined): void {
    if (secret === undefined || secret.length < 4) return;
    this.#known.add(secret);
    const [oldest] = this.#known;
    if (this.#known.size > mostKept && oldest !== undefined) this.#known.delete(oldest);
  }

  /** Longest first: one secret may be the beginning of another. */
  redact(text: string): string {
    const longestFirst = [...this.#known].flatMap(spellings).sort((a, b) => b.length - a.length);
    return longestFirst.reduce((clean, secret) => clean.replaceAll(secret, '[secret]'), text);
  }
}

/** As a gateway may echo a header: as it is, percent-encoded, or in base64 with the scheme before it. */
function spellings(secret: string): readonly string[] {
  const inBase64 = ['Client-ID', 'Bearer'].map((scheme) =>
    Buffer.from(`${scheme} ${secret}`).toString('base64').replace(/=+$/, ''),
  );
  return [secret, encodeURIComponent(secret), ...inBase64];
}

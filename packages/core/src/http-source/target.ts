import { hash } from 'node:crypto';

/** What is asked for, in short: much is remembered of many. */
export interface Target {
  /** Its name, without a port. */
  readonly host: string;
  /** The whole of it, as a number. */
  readonly url: number;
}

const numberBytes = 6;

export function targetOf({ hostname, href }: URL): Target {
  return new UrlTarget(hostname, href);
}

/** Most hosts are neither busy nor want a pause, so that nobody ever asks for the number. */
class UrlTarget implements Target {
  readonly host: string;
  readonly #href: string;
  #url: number | undefined;

  constructor(host: string, href: string) {
    this.host = host;
    this.#href = href;
  }

  /** Another URL with the same number is not found by trying a few. */
  get url(): number {
    this.#url ??= hash('sha256', this.#href, 'buffer').readUIntBE(0, numberBytes);
    return this.#url;
  }
}

import { createHash } from 'node:crypto';

/** What is asked for, in short: much is remembered of many. */
export interface Target {
  /** Its name, without a port. */
  readonly host: string;
  readonly url: number;
}

const numberBytes = 6;

export function targetOf({ hostname, href }: URL): Target {
  return { host: hostname, url: urlNumber(href) };
}

/** A URL as a number. Another one with the same number is not found by trying a few. */
export function urlNumber(url: string): number {
  return createHash('sha256').update(url).digest().readUIntBE(0, numberBytes);
}

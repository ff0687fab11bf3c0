import { createHash } from 'node:crypto';

import { foreignText, type Logger } from '@imgferry/core';
import { siteOf } from '../client.ts';
import { Buckets } from './buckets.ts';
import { Remembered } from './remembered.ts';

/** Wrong passwords of a client for one name: ten at once and ten a minute. */
const ofOneName = { most: 10, everyMs: 6_000 };
/** And for all names together. */
const ofAllNames = { most: 100, everyMs: 600 };
/** And for all clients of one site in IPv6, which has 65,536 networks to come from. */
const ofOneSite = { most: 1_000, everyMs: 60 };
/** A client stands in the log once a minute at most. */
const inTheLog = { most: 1, everyMs: 60_000 };

/** Somebody tries to sign in. */
export interface Attempt {
  /** `undefined`: one of all whom nobody can tell apart. */
  readonly client: string | undefined;
  readonly user: string;
  /** What was sent, user and password. */
  readonly credentials: string;
  readonly isRight: boolean;
}

/**
 * Bounds how many passwords are tried. Counted is by client and name, so that guesses at one name keep no other out, and by
 * client, so that to try many names is of no use. Others may have the same address: whoever got in from there within the
 * hour is not kept out by guesses at their name. Since their password is told from a wrong one even then, the guesses go
 * on to count for the client and its site, whose bounds hold for everyone.
 */
export class Attempts {
  readonly #logger: Logger;
  readonly #names: Buckets;
  readonly #clients: Buckets;
  readonly #sites: Buckets;
  readonly #lines: Buckets;
  readonly #wereIn: Remembered;

  constructor(logger: Logger, now: () => number = () => performance.now()) {
    this.#logger = logger;
    this.#names = new Buckets(ofOneName, now);
    this.#clients = new Buckets(ofAllNames, now);
    this.#sites = new Buckets(ofOneSite, now);
    this.#lines = new Buckets(inTheLog, now);
    this.#wereIn = new Remembered(now);
  }

  /** Counts one. Answers in how many milliseconds such a one is looked at; 0 is now, and then whether it is right may be told. */
  count(attempt: Attempt): number {
    const { client, user, credentials, isRight } = attempt;
    const [ofClient, ofName, whole] = [keyOf(client), keyOf(client, user), keyOf(client, credentials)];
    const ofSite = keyOf(client && siteOf(client));
    const clientWaitMs = Math.max(this.#clients.waitMs(ofClient), this.#sites.waitMs(ofSite));
    if (clientWaitMs > 0) return clientWaitMs;
    const waitMs = this.#wereIn.has(whole) ? 0 : this.#names.waitMs(ofName);
    if (isRight && waitMs === 0) {
      this.#wereIn.add(whole);
      return 0;
    }
    this.#sites.take(ofSite);
    const wasLast = waitMs === 0 && this.#names.take(ofName);
    if (this.#clients.take(ofClient) || wasLast) this.#tell(ofClient, attempt);
    return waitMs;
  }

  #tell(ofClient: string, { client = 'unknown', user }: Attempt): void {
    if (this.#lines.waitMs(ofClient) > 0) return;
    this.#lines.take(ofClient);
    this.#logger.warn(
      { client: foreignText(client), user: foreignText(user) },
      'too many wrong passwords at the monitor: for a while no more are looked at',
    );
  }
}

/** Of whatever length its parts are; and of credentials nothing that they could be read from. */
function keyOf(...parts: readonly (string | undefined)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64');
}

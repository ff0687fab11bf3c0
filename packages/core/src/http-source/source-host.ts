import { crc32 } from 'node:zlib';

import { TransferError } from '../transfer-error.ts';

/** What source hosts are spared. */
export interface SourceHostOptions {
  /** How many images are read from one host at once. */
  readonly connectionsPerHost: number;
  /** The first pause after a 429 or 503 that does not say how long, in milliseconds. */
  readonly pauseMs: number;
}

/** What came of asking a host. */
export interface Heard {
  readonly url: string;
  /** Undefined when it failed to answer. */
  readonly status: number | undefined;
  /** For how long it wants to be left alone. */
  readonly retryAfterMs?: number | undefined;
}

/** Answers that say "not now": RFC 6585 section 4, RFC 9110 section 15.6.4. */
const pausing: ReadonlySet<number | undefined> = new Set([429, 503]);
/** No host is left alone for longer, whatever it asks for. */
const longestAskedPauseMs = 300_000;
/** So many times the first pause is the longest of our own. */
const longestPauseFactor = 60;
/** A host that asked for pauses at so many URLs in a row is down. */
const urlsUntilDown = 6;
const pausesForgottenMs = 600_000;
/** Who is sent away comes back after no less than this, and no more than this after the end of a pause. */
const soonestReturnMs = 250;
const longestSpreadMs = 60_000;
/** Those who come back after a pause are no closer together. */
const leastPaceAfterPauseMs = 10;
/** For how long a turn is taken to last before one has ended. */
const firstGuessMs = 500;
/** A timer may be that early, and who was told to wait for a pause has waited for it. */
const timerSlackMs = 1;

/**
 * A host that images are read from: how many at once, and when. It is asked by no more than so many at once; after a
 * 429 or 503 by nobody for a while, and then by one, until an answer is neither.
 */
export class SourceHost {
  readonly name: string;
  readonly #options: SourceHostOptions;
  readonly #now: () => number;
  #turns = 0;
  /** Since when no turn is left; undefined while one is. */
  #fullSince: number | undefined;
  /** How long a turn takes. */
  #averageMs: number | undefined;
  /** When the last of those who were sent away comes back. */
  #lastReturnAt = Number.NEGATIVE_INFINITY;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  /** How many pauses there were. */
  #pauses = 0;
  /**
   * The URLs, as numbers, at which it asked for a pause, since another answer came. One image that always answers so
   * costs the others no more than its own short pauses.
   */
  readonly #pausedAt = new Set<number>();
  /** Goes first after a pause. */
  #probe: Turn | undefined;

  constructor(name: string, options: SourceHostOptions, now: () => number) {
    this.name = name;
    this.#options = options;
    this.#now = now;
  }

  /** Nothing of it is read. */
  get isQuiet(): boolean {
    return this.#turns === 0;
  }

  /** And nothing that is known of it matters any more. */
  get isOver(): boolean {
    const now = this.#now();
    return this.isQuiet && now >= this.#lastReturnAt && now >= this.#forgivenAt;
  }

  /** The last that it has answered is that it wants a pause. */
  get #isPausing(): boolean {
    return this.#pausedAt.size > 0;
  }

  /**
   * Takes a turn.
   * @throws TransferError `source_busy` when there is none. When the host is down `source_unavailable`: nobody would
   * ever learn of it by asking, were only the one who goes first told.
   */
  take(): Turn {
    const now = this.#now();
    if (now >= this.#forgivenAt) this.#pausedAt.clear();
    const refusal = this.#refusal(now);
    if (refusal !== undefined) throw refusal;
    const turn = new Turn(this, now, this.#pauses);
    if (this.#isPausing) this.#probe = turn;
    this.#turns += 1;
    if (this.#turns >= this.#options.connectionsPerHost) this.#fullSince = now;
    return turn;
  }

  /** @internal */
  renewed(): void {
    if (this.#isPausing) throw this.#away(this.#now());
  }

  /** @internal */
  heard(turn: Turn, { url, status, retryAfterMs }: Heard): number {
    const now = this.#now();
    if (this.#probe === turn) this.#probe = undefined;
    const isOfNow = turn.pausesBefore === this.#pauses;
    if (!pausing.has(status)) {
      if (isOfNow) this.#pausedAt.clear();
      return 0;
    }
    if (isOfNow) {
      this.#pauses += 1;
      if (this.#pausedAt.size <= urlsUntilDown) this.#pausedAt.add(crc32(url));
    }
    // What was asked before a pause began is answered within it: that makes it no longer, unless the host says so.
    const pauseMs = Math.min(retryAfterMs || (isOfNow ? this.#ownPauseMs() : 0), longestAskedPauseMs);
    this.#pausedUntil = Math.max(this.#pausedUntil, now + pauseMs);
    return Math.max(0, Math.round(this.#pausedUntil - now));
  }

  /** @internal */
  ended(turn: Turn): void {
    if (this.#probe === turn) this.#probe = undefined;
    this.#turns -= 1;
    this.#fullSince = undefined;
    this.#average(this.#now() - turn.since);
  }

  get #forgivenAt(): number {
    return this.#isPausing ? this.#pausedUntil + pausesForgottenMs : 0;
  }

  #refusal(now: number): TransferError | undefined {
    if (this.#isPausing && (now + timerSlackMs < this.#pausedUntil || this.#probe !== undefined))
      return this.#away(now);
    if (this.#turns < this.#options.connectionsPerHost) return undefined;
    const message = `${this.#turns} images are being read from the source already`;
    return new TransferError('source_busy', message, { retryAfterMs: this.#returnInMs(now) });
  }

  #away(now: number): TransferError {
    const retryAfterMs = this.#returnInMs(now);
    if (this.#pausedAt.size < urlsUntilDown)
      return new TransferError('source_busy', 'the source has asked for a pause', { retryAfterMs });
    const message = `the source has answered nothing but 429 or 503 to ${urlsUntilDown} URLs and more in a row`;
    return new TransferError('source_unavailable', message, { retry: 'later', retryAfterMs });
  }

  /**
   * Those who are sent away come back one after another, at twice the pace at which turns end: all at once would only
   * be sent away again, and too few would leave turns untaken.
   */
  #returnInMs(now: number): number {
    const fullMs = this.#fullSince === undefined ? 0 : now - this.#fullSince;
    const from = Math.max(now, this.#pausedUntil);
    const turnMs = Math.max(this.#averageMs ?? firstGuessMs, fullMs);
    const leastMs = from > now ? leastPaceAfterPauseMs : 0;
    const paceMs = Math.max(turnMs / this.#options.connectionsPerHost / 2, leastMs);
    this.#lastReturnAt = Math.min(Math.max(this.#lastReturnAt, from) + paceMs, from + longestSpreadMs);
    return Math.ceil(Math.max(this.#lastReturnAt - now, soonestReturnMs));
  }

  #ownPauseMs(): number {
    return this.#options.pauseMs * Math.min(2 ** (this.#pausedAt.size - 1), longestPauseFactor);
  }

  #average(turnMs: number): void {
    const knownMs = this.#averageMs ?? turnMs;
    this.#averageMs = knownMs + (turnMs - knownMs) / 8;
  }
}

/** The right to ask a host and to read from it, until whoever holds it has ended it. */
export class Turn {
  /** @internal When it was taken. */
  readonly since: number;
  /** @internal How many pauses of the host there had been. */
  readonly pausesBefore: number;
  readonly #host: SourceHost;
  #holders = 1;

  /** @internal */
  constructor(host: SourceHost, since: number, pausesBefore: number) {
    this.#host = host;
    this.since = since;
    this.pausesBefore = pausesBefore;
  }

  get host(): string {
    return this.#host.name;
  }

  /**
   * The host is asked once more, as by a redirect.
   * @throws TransferError as to take one does, when the host has asked for a pause meanwhile.
   */
  renew(): void {
    this.#host.renewed();
  }

  /** One more holds it: it takes one more `end`. */
  hold(): void {
    this.#holders += 1;
  }

  end(): void {
    this.#holders -= 1;
    if (this.#holders === 0) this.#host.ended(this);
  }

  /** @returns For how long the host is left alone now, in milliseconds. */
  answered(heard: Heard): number {
    return this.#host.heard(this, heard);
  }
}

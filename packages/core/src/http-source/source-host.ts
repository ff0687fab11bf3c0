import { TransferError } from '../transfer-error.ts';
import { type Heard, HostPauses } from './host-pauses.ts';
import type { Target } from './target.ts';

/** What source hosts are spared. */
export interface SourceHostOptions {
  /** How many images are read from one host at once. */
  readonly connectionsPerHost: number;
  /** The first pause after a 429 or 503 that does not say how long, in milliseconds. */
  readonly hostPauseMs: number;
}

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
  /** The same of those whose own URL has not refused. */
  #lastFreshReturnAt = Number.NEGATIVE_INFINITY;
  readonly #pauses: HostPauses;
  /** Goes first after a pause. */
  #probe: Turn | undefined;

  constructor(name: string, options: SourceHostOptions, now: () => number) {
    this.name = name;
    this.#options = options;
    this.#now = now;
    this.#pauses = new HostPauses(options.hostPauseMs);
  }

  /** Nothing of it is read. */
  get isQuiet(): boolean {
    return this.#turns === 0;
  }

  /** And nothing that is known of it matters any more. */
  get isOver(): boolean {
    const now = this.#now();
    return this.isQuiet && now >= this.#lastReturnAt && this.#pauses.areOver(now);
  }

  /**
   * Takes a turn.
   * @throws TransferError `source_busy` when there is none; `source_unavailable` when there has been no hope of one for
   * so long that it counts.
   */
  take(target: Target): Turn {
    const now = this.#now();
    if (this.#pauses.areOver(now)) this.#pauses.forget();
    const refusal = this.#refusal(target, now);
    if (refusal !== undefined) throw refusal;
    const turn = new Turn(this, now, this.#pauses.count);
    if (this.#pauses.areLast) this.#probe = turn;
    this.#turns += 1;
    if (this.#turns >= this.#options.connectionsPerHost) this.#fullSince = now;
    return turn;
  }

  /** @internal */
  renewed(target: Target): void {
    if (this.#pauses.areLast) throw this.#away(target.url, this.#now());
  }

  /** @internal */
  heard(turn: Turn, heard: Heard): number {
    if (this.#probe === turn) this.#probe = undefined;
    return this.#pauses.heard(heard, turn.pausesBefore, this.#now());
  }

  /** @internal */
  ended(turn: Turn): void {
    if (this.#probe === turn) this.#probe = undefined;
    this.#turns -= 1;
    this.#fullSince = undefined;
    this.#average(this.#now() - turn.since);
  }

  #refusal(target: Target, now: number): TransferError | undefined {
    if (this.#pauses.areLast && !this.#mayGoFirst(target.url, now)) return this.#away(target.url, now);
    if (this.#turns < this.#options.connectionsPerHost) return undefined;
    const message = `${this.#turns} images are being read from the source already`;
    return new TransferError('source_busy', message, { retryAfterMs: this.#returnInMs(target.url, now) });
  }

  /** A URL that has refused does not as long as others are about to come: one of them may be answered. */
  #mayGoFirst(url: number, now: number): boolean {
    if (now + timerSlackMs < this.#pauses.until || this.#probe !== undefined) return false;
    return now >= this.#lastFreshReturnAt || !this.#pauses.hasRefused(url);
  }

  /** Nobody is told that a URL fails because others do, before that has lasted: it would never be asked. */
  #away(url: number, now: number): TransferError {
    const retryAfterMs = this.#returnInMs(url, now);
    if (!this.#pauses.isLost(url, now))
      return new TransferError('source_busy', 'the source has asked for a pause', { retryAfterMs });
    const message = 'the source has long answered nothing but 429 or 503';
    return new TransferError('source_unavailable', message, { retry: 'later', retryAfterMs });
  }

  /**
   * Those who are sent away come back one after another, at twice the pace at which turns end: all at once would only
   * be sent away again, and too few would leave turns untaken.
   */
  #returnInMs(url: number, now: number): number {
    const fullMs = this.#fullSince === undefined ? 0 : now - this.#fullSince;
    const from = Math.max(now, this.#pauses.until);
    const turnMs = Math.max(this.#averageMs ?? firstGuessMs, fullMs);
    const leastMs = from > now ? leastPaceAfterPauseMs : 0;
    const paceMs = Math.max(turnMs / this.#options.connectionsPerHost / 2, leastMs);
    this.#lastReturnAt = Math.min(Math.max(this.#lastReturnAt, from) + paceMs, from + longestSpreadMs);
    const inMs = Math.ceil(Math.max(this.#lastReturnAt - now, soonestReturnMs));
    if (!this.#pauses.hasRefused(url)) this.#lastFreshReturnAt = now + inMs;
    return inMs;
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
  renew(target: Target): void {
    this.#host.renewed(target);
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

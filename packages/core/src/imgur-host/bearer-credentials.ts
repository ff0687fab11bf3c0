import { setTimeout as sleep } from 'node:timers/promises';

import { TransferError } from '../transfer-error.ts';
import type { Credentials } from './credentials.ts';
import { isTokenStoreFailure } from './credentials-errors.ts';
import type { ImgurTokens } from './imgur-tokens.ts';
import { KeptTokens, type KeptTokensOptions } from './kept-tokens.ts';

/** What an account's credentials are made of. */
export interface BearerOptions extends KeptTokensOptions {
  /** Asks Imgur for new tokens. Rejects with a `TransferError`. */
  readonly refresh: (refreshToken: string) => Promise<ImgurTokens>;
  /** Makes the error for credentials that Imgur does not accept, with the pause that everyone is to make. */
  readonly refusal: (fact: string) => TransferError;
  /** Hears every token, so that none is ever shown. */
  readonly keepSecret: (token: string) => void;
  readonly now: () => number;
  /** Ends what is done without being asked. */
  readonly closing: AbortSignal;
}

/** A token that was renewed so short a time ago and never worked will not get better by another renewal. */
const justNowMs = 60_000;
/** So much later it is looked again whether somebody else, who has no lock either, has saved new tokens. */
const lookAgainMs = 500;
/** Tokens that could not be saved are saved again after this; each further time takes twice as long, up to the second. */
const [saveAgainMs, saveAgainAtMostMs] = [250, 30_000];

/** What a store that fails may hold up at most, and no longer than a part of what it may take anyway. */
const [holdAtMostMs, holdPart] = [5_000, 1 / 20];

interface DeadToken {
  readonly token: string;
  readonly atMs: number;
  readonly error: TransferError;
}

/**
 * The credentials of an account. Its access token is renewed when Imgur refuses it, because what Imgur says about its
 * life is not to be trusted; once for all uploads that were refused, and not at all when somebody else has done it.
 */
export class BearerCredentials implements Credentials {
  readonly #options: BearerOptions;
  readonly #kept: KeptTokens;
  #current: ImgurTokens | undefined;
  #loading: Promise<ImgurTokens> | undefined;
  #renewing: Promise<void> | undefined;
  #renewedAtMs = Number.NEGATIVE_INFINITY;
  /** Renewed tokens that the application could not keep. They are the only ones that work. */
  #unsaved: ImgurTokens | undefined;
  #savesLater = false;
  #dead: DeadToken | undefined;

  constructor(options: BearerOptions) {
    this.#options = options;
    this.#kept = new KeptTokens(options);
  }

  authorization(): string | Promise<string> {
    const tokens = this.#current;
    const ready = this.#renewing === undefined && this.#unsaved === undefined;
    return ready && tokens !== undefined ? `Bearer ${tokens.accessToken}` : this.#held(this.#prepare());
  }

  accepted(): void {
    this.#renewedAtMs = Number.NEGATIVE_INFINITY;
  }

  async refused(authorization: string, refusal: TransferError): Promise<TransferError> {
    const told = await this.#answerTo(authorization.slice('Bearer '.length), refusal);
    await this.#hold(told);
    return told;
  }

  async #answerTo(token: string, refusal: TransferError): Promise<TransferError> {
    const dead = this.#deadError(token);
    if (dead !== undefined) return dead;
    if (this.#renewing === undefined && this.#current?.accessToken !== token) return again();
    if (this.#current?.accessToken === token && this.#renewedJustNow()) return this.#bury(token, refusal);
    try {
      await this.#once(() => this.#renew(token));
      return again();
    } catch (error) {
      if (!(error instanceof TransferError)) throw error;
      return error.code === 'host_credentials' ? this.#bury(token, error) : error;
    }
  }

  /** Only this process knows tokens that are not saved: the application is given them once more. */
  async close(): Promise<void> {
    const ended = new AbortController();
    await Promise.race([this.#saveLast(), this.#holdUp(ended.signal)]);
    ended.abort();
  }

  async #saveLast(): Promise<void> {
    await this.#renewing?.catch(() => {});
    if (this.#unsaved !== undefined) await this.#once(() => this.#save()).catch(() => {});
  }

  async #prepare(): Promise<string> {
    await this.#renewing?.catch(() => {});
    if (this.#unsaved !== undefined) await this.#once(() => this.#save());
    const { accessToken } = this.#current ?? (await this.#first());
    return `Bearer ${accessToken}`;
  }

  async #held<T>(step: Promise<T>): Promise<T> {
    try {
      return await step;
    } catch (error) {
      await this.#hold(error);
      throw error;
    }
  }

  /** Else this process would take one upload of the fleet after the other, and fetch its image for nothing. */
  async #hold(error: unknown): Promise<void> {
    if (isTokenStoreFailure(error)) await this.#holdUp(this.#options.closing);
  }

  async #holdUp(signal: AbortSignal): Promise<void> {
    const forMs = Math.min(holdAtMostMs, this.#options.timeoutMs * holdPart);
    await sleep(forMs, undefined, { signal }).catch(() => {});
  }

  /** However many ask at once, it is done once. */
  #once(step: () => Promise<void>): Promise<void> {
    this.#renewing ??= step().finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  #first(): Promise<ImgurTokens> {
    this.#loading ??= this.#kept
      .load()
      .then((tokens) => this.#adopt(this.#alive(tokens)))
      .finally(() => {
        this.#loading = undefined;
      });
    return this.#loading;
  }

  async #renew(refusedToken: string): Promise<void> {
    await this.#kept.locked(() => this.#renewUnlessDone(refusedToken));
    if (this.#current?.accessToken === refusedToken)
      throw this.#options.storeFailure(
        'the access token was not renewed: credentials.lock did not run the step',
      );
  }

  async #renewUnlessDone(refusedToken: string): Promise<void> {
    const tokens = await this.#kept.load();
    if (tokens.accessToken !== refusedToken) {
      this.#adopt(tokens);
      return;
    }
    if (tokens.refreshToken === undefined)
      throw this.#options.refusal('Imgur refuses the access token and there is no refresh token');
    await this.#refresh(tokens, tokens.refreshToken);
  }

  /** A fleet without a lock may be at it at the same time: who comes second finds what the first has saved. */
  async #refresh(old: ImgurTokens, refreshToken: string): Promise<void> {
    try {
      this.#unsaved = this.#adopt(await this.#options.refresh(refreshToken));
    } catch (error) {
      const isRefused = error instanceof TransferError && error.code === 'host_credentials';
      const newest = await this.#newerThan(old, isRefused);
      if (newest === undefined) throw error;
      this.#adopt(newest);
      return;
    }
    this.#renewedAtMs = this.#options.now();
    await this.#save();
  }

  /** Tokens that somebody else has got meanwhile. Without a lock they may be on their way to where they are kept. */
  async #newerThan(old: ImgurTokens, isRefused: boolean): Promise<ImgurTokens | undefined> {
    const looks = isRefused && !this.#kept.hasLock ? [0, lookAgainMs] : [0];
    for (const waitMs of looks) {
      if (waitMs > 0) await sleep(waitMs, undefined, { signal: this.#options.closing });
      const newest = await this.#kept.load();
      if (newest.accessToken !== old.accessToken) return newest;
    }
    return undefined;
  }

  /** Without the newest refresh token nobody gets in again, so uploads wait until it is kept. */
  async #save(): Promise<void> {
    const tokens = this.#unsaved;
    if (tokens === undefined) return;
    try {
      await this.#kept.save(tokens);
    } catch (error) {
      void this.#saveLater();
      throw error;
    }
    this.#unsaved = undefined;
  }

  /** Only this process knows the tokens, and it may be long until an upload comes here again, or it ends before. */
  async #saveLater(): Promise<void> {
    if (this.#savesLater) return;
    this.#savesLater = true;
    const { closing } = this.#options;
    for (let waitMs = saveAgainMs; this.#unsaved !== undefined && !closing.aborted; waitMs *= 2) {
      await sleep(Math.min(waitMs, saveAgainAtMostMs), undefined, { signal: closing }).catch(() => {});
      // What is wrong is told with the next upload.
      await this.#once(() => this.#save()).catch(() => {});
    }
    this.#savesLater = false;
  }

  #adopt(tokens: ImgurTokens): ImgurTokens {
    this.#options.keepSecret(tokens.accessToken);
    if (tokens.refreshToken !== undefined) this.#options.keepSecret(tokens.refreshToken);
    this.#current = tokens;
    return tokens;
  }

  #alive(tokens: ImgurTokens): ImgurTokens {
    const dead = this.#deadError(tokens.accessToken);
    if (dead !== undefined) throw dead;
    return tokens;
  }

  #renewedJustNow(): boolean {
    return this.#options.now() - this.#renewedAtMs < justNowMs;
  }

  /** Remembers for a minute that a token is worth nothing, then the application is asked for another. */
  #bury(token: string, error: TransferError): TransferError {
    this.#dead = { token, atMs: this.#options.now(), error };
    this.#current = undefined;
    return error;
  }

  #deadError(token: string): TransferError | undefined {
    const dead = this.#dead;
    if (dead?.token !== token || this.#options.now() - dead.atMs >= justNowMs) return undefined;
    return dead.error;
  }
}

/** The upload was refused for a token that has a successor: it is sent again at once, and that costs it nothing. */
function again(): TransferError {
  return new TransferError('host_credentials', 'Imgur refused an access token that has been renewed since', {
    retry: 'again',
    retryAfterMs: 0,
  });
}

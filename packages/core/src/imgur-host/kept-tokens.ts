import { inTime } from '../in-time.ts';
import { TransferError } from '../transfer-error.ts';
import { type ImgurTokenStore, type ImgurTokens, isToken } from './imgur-tokens.ts';

/** What the application's store of tokens is asked with. */
export interface KeptTokensOptions {
  readonly store: ImgurTokenStore;
  /** How long the application's code may take: uploads that wait for it have to hear of it. */
  readonly timeoutMs: number;
  /** Makes the error for a store that fails. It is this process's alone, so nobody else pauses for it. */
  readonly storeFailure: (fact: string, cause?: unknown) => TransferError;
}

/** The application's store of tokens, which may fail, hang, or answer with anything. Rejects with a `TransferError`. */
export class KeptTokens {
  readonly #options: KeptTokensOptions;

  constructor(options: KeptTokensOptions) {
    this.#options = options;
  }

  get hasLock(): boolean {
    return this.#options.store.lock !== undefined;
  }

  async load(): Promise<ImgurTokens> {
    const tokens = await this.#ask('load', () => this.#options.store.load());
    const { accessToken, refreshToken } = tokens ?? {};
    if (!isToken(accessToken) || (refreshToken !== undefined && !isToken(refreshToken)))
      throw this.#options.storeFailure('credentials.load did not answer with an access token');
    return refreshToken === undefined ? { accessToken } : { accessToken, refreshToken };
  }

  save(tokens: ImgurTokens): Promise<void> {
    return this.#ask('save', () => this.#options.store.save(tokens));
  }

  /** Runs a step, under the lock if there is one. */
  async locked(step: () => Promise<void>): Promise<void> {
    const { store } = this.#options;
    if (store.lock === undefined) await step();
    else await this.#ask('lock', () => store.lock?.(step));
  }

  /** Its words may hold tokens that are not known here, so its code has to do. */
  async #ask<T>(method: string, call: () => T | Promise<T>): Promise<T> {
    const { timeoutMs, storeFailure } = this.#options;
    try {
      return await inTime(Promise.resolve(call()), timeoutMs, () => {
        const fact = `credentials.${method} gave no answer within ${timeoutMs} ms`;
        throw storeFailure(fact, new Error(fact));
      });
    } catch (error) {
      if (error instanceof TransferError) throw error;
      throw storeFailure(`credentials.${method} failed${codeOf(error)}`, error);
    }
  }
}

/** Of an error's facts its code alone names nothing that is inside. */
function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^[A-Z][A-Z0-9_]{1,40}$/.test(code) ? ` (${code})` : '';
}

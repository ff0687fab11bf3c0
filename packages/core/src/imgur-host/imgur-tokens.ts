/** The two tokens of an account. A refresh may replace both. */
export interface ImgurTokens {
  readonly accessToken: string;
  /** Left out: the access token can not be renewed. */
  readonly refreshToken?: string;
}

/** Where an application keeps the tokens of its account. Every process of the fleet uses the same place. */
export interface ImgurTokenStore {
  /** The newest tokens. Asked at the start, and again whenever Imgur refuses the access token. */
  load(): Promise<ImgurTokens>;
  /** Keeps new tokens before this resolves. The old ones may be worth nothing any more. */
  save(tokens: ImgurTokens): Promise<void>;
  /**
   * Runs `step` while nobody else in the fleet does, for example under a lock in a database.
   * @default each process refreshes on its own
   */
  lock?(step: () => Promise<void>): Promise<void>;
}

/** Whether a token can stand in a header. */
export function isToken(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]{1,4096}$/.test(value);
}

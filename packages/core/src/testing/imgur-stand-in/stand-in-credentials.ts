import { randomBytes } from 'node:crypto';

/** What the stand-in accepts; whatever is left out accepts everything of its kind. */
export interface AcceptedCredentials {
  readonly clientIds: Iterable<string> | undefined;
  readonly accessTokens: Iterable<string> | undefined;
  readonly refreshTokens: Iterable<string> | undefined;
}

/** Tokens that were just given out. */
export interface IssuedTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** Knows which Client-IDs and tokens are accepted, which changes as tokens are refreshed and revoked. */
export class StandInCredentials {
  readonly #configured: AcceptedCredentials;
  #accepted: Readonly<Record<keyof AcceptedCredentials, Set<string> | undefined>>;
  readonly #revoked = new Set<string>();

  constructor(configured: AcceptedCredentials) {
    this.#configured = configured;
    this.#accepted = asSets(configured);
  }

  /** Judges an Authorization header. */
  check(authorization: string | undefined): 'missing' | 'invalid' | 'accepted' {
    const [, scheme, credential] = /^(client-id|bearer)\s+(\S+)$/i.exec(authorization ?? '') ?? [];
    if (scheme === undefined || credential === undefined) return 'missing';
    const kind = scheme.toLowerCase() === 'bearer' ? 'accessTokens' : 'clientIds';
    return this.#takes(kind, credential) ? 'accepted' : 'invalid';
  }

  /** Gives new tokens for a refresh token and ends that one; `undefined` when it, or the application, is not accepted. */
  refresh(refreshToken: string, clientId: string): IssuedTokens | undefined {
    if (!this.#takes('refreshTokens', refreshToken) || !this.#takes('clientIds', clientId)) return undefined;
    const issued = { accessToken: newToken(), refreshToken: newToken() };
    this.revoke(refreshToken);
    this.#accepted.accessTokens?.add(issued.accessToken);
    this.#accepted.refreshTokens?.add(issued.refreshToken);
    return issued;
  }

  revoke(credential: string): void {
    this.#revoked.add(credential);
  }

  restore(credential: string): void {
    this.#revoked.delete(credential);
  }

  clear(): void {
    this.#accepted = asSets(this.#configured);
    this.#revoked.clear();
  }

  #takes(kind: keyof AcceptedCredentials, credential: string): boolean {
    if (credential === '' || this.#revoked.has(credential)) return false;
    return this.#accepted[kind]?.has(credential) ?? true;
  }
}

function asSets({ clientIds, accessTokens, refreshTokens }: AcceptedCredentials): {
  [Kind in keyof AcceptedCredentials]: Set<string> | undefined;
} {
  return {
    clientIds: clientIds && new Set(clientIds),
    accessTokens: accessTokens && new Set(accessTokens),
    refreshTokens: refreshTokens && new Set(refreshTokens),
  };
}

function newToken(): string {
  return randomBytes(20).toString('hex');
}

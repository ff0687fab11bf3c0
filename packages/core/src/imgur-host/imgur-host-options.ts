import { InvalidOptionError } from '../errors.ts';
import type { HostLimits } from '../host.ts';
import { checkOptionNames, type OptionNames } from '../option-names.ts';
import { whole } from '../options.ts';
import { imgurLimits } from './imgur-limits.ts';
import { type ImgurTokenStore, type ImgurTokens, isToken } from './imgur-tokens.ts';

/**
 * How to reach Imgur, and as whom. `clientId` alone uploads without an account. For an account give `credentials`, or
 * its tokens if they need not outlive the process.
 */
export interface ImgurHostOptions {
  /** The Client-ID of the registered application. Imgur counts its uploads. */
  readonly clientId: string;
  /** The secret of the application, with which access tokens are renewed. */
  readonly clientSecret?: string;
  /** Where the application keeps the account's tokens. Needs `clientSecret`. */
  readonly credentials?: ImgurTokenStore;
  /** The account's access token, instead of `credentials`. */
  readonly accessToken?: string;
  /**
   * The account's refresh token, with `accessToken` and `clientSecret`. Imgur may replace it, and then only this
   * process knows the new one: for anything that runs longer than the access token lives, give `credentials`.
   */
  readonly refreshToken?: string;
  /**
   * Any name for the account. It keeps the pauses of two accounts of one application apart.
   * @default 'me' with an account
   */
  readonly account?: string;
  /** The key of commercial access by RapidAPI. It comes on top of the Client-ID or the account. */
  readonly rapidApiKey?: string;
  /**
   * Where the API is; a path is put before all paths. Plain http is refused unless it is on this machine or
   * `allowInsecureApiUrl` is set.
   * @default 'https://api.imgur.com', with a rapidApiKey 'https://imgur-apiv3.p.rapidapi.com'
   */
  readonly apiUrl?: string;
  /**
   * Where access tokens are renewed.
   * @default the apiUrl, with a rapidApiKey 'https://api.imgur.com'
   */
  readonly oauthUrl?: string;
  /**
   * Lets `apiUrl` and `oauthUrl` be plain http to another machine, for a stand-in in a network of your own, such as
   * `http://stand-in:8090`. Credentials and images can then be read on the way.
   * @default false
   */
  readonly allowInsecureApiUrl?: boolean;
  /** Names the address that uploads leave from, because Imgur counts by address: workers behind one share a name. @default 'default' */
  readonly egress?: string;
  /** Names the host in jobs, events and budgets. @default 'imgur' */
  readonly name?: string;
  /** Sizes in bytes by media type, where they are to differ from what Imgur documents. @default 20 MiB; GIF and video 200 MiB */
  readonly maxBytes?: Readonly<Record<string, number>>;
  /** Connections at once; further uploads wait for one. @default 32 */
  readonly connections?: number;
  /** How long a connection may take to be made, in milliseconds. @default 10000 */
  readonly connectTimeoutMs?: number;
  /** How long the reply may take after the image has left, in milliseconds. Imgur is slow at times. @default 60000 */
  readonly headersTimeoutMs?: number;
  /** How long Imgur may take nothing of an image, or need for the body of a reply, in milliseconds. @default 30000 */
  readonly idleTimeoutMs?: number;
  /** Tells the time in milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
}

const names = {
  clientId: true,
  clientSecret: true,
  credentials: true,
  accessToken: true,
  refreshToken: true,
  account: true,
  rapidApiKey: true,
  apiUrl: true,
  oauthUrl: true,
  allowInsecureApiUrl: true,
  egress: true,
  name: true,
  maxBytes: true,
  connections: true,
  connectTimeoutMs: true,
  headersTimeoutMs: true,
  idleTimeoutMs: true,
  now: true,
} satisfies OptionNames<ImgurHostOptions>;

/** Where a base URL leads. */
export interface ApiBase {
  readonly origin: string;
  /** Without a slash at its end. */
  readonly path: string;
}

/** The options with every default filled in and every value checked. */
export interface ResolvedImgurOptions {
  readonly clientId: string;
  readonly clientSecret: string | undefined;
  readonly tokens: ImgurTokenStore | undefined;
  readonly account: string | undefined;
  readonly rapidApiKey: string | undefined;
  readonly api: ApiBase;
  readonly oauth: ApiBase;
  readonly egress: string;
  readonly name: string;
  readonly limits: HostLimits;
  readonly connections: number;
  readonly connectTimeoutMs: number;
  readonly headersTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly now: () => number;
}

/** Where Imgur's own API is. */
export const imgurUrl = 'https://api.imgur.com';
/** Where RapidAPI has it. */
export const rapidApiUrl = 'https://imgur-apiv3.p.rapidapi.com';

/**
 * Fills in the defaults and refuses what can not work. No message repeats a credential.
 * @throws InvalidOptionError
 */
export function resolveImgurOptions(options: ImgurHostOptions): ResolvedImgurOptions {
  checkOptionNames(options, names);
  checkCredentials(options);
  const tokens = options.credentials ?? keptTokens(options);
  const insecure = options.allowInsecureApiUrl ?? false;
  const apiUrl = options.apiUrl ?? (options.rapidApiKey === undefined ? imgurUrl : rapidApiUrl);
  const oauthUrl = options.oauthUrl ?? (options.rapidApiKey === undefined ? apiUrl : imgurUrl);
  return {
    clientId: options.clientId,
    clientSecret: options.clientSecret,
    tokens,
    account: tokens === undefined ? undefined : word('account', options.account ?? 'me'),
    rapidApiKey: options.rapidApiKey,
    api: base('apiUrl', apiUrl, insecure),
    oauth: base('oauthUrl', oauthUrl, insecure),
    egress: word('egress', options.egress ?? 'default'),
    name: word('name', options.name ?? 'imgur'),
    limits: imgurLimits(options.maxBytes),
    connections: whole('connections', options.connections ?? 32, 1),
    connectTimeoutMs: whole('connectTimeoutMs', options.connectTimeoutMs ?? 10_000, 1),
    headersTimeoutMs: whole('headersTimeoutMs', options.headersTimeoutMs ?? 60_000, 1),
    idleTimeoutMs: whole('idleTimeoutMs', options.idleTimeoutMs ?? 30_000, 1),
    now: clock(options.now ?? Date.now),
  };
}

function checkCredentials(options: ImgurHostOptions): void {
  const { clientId, clientSecret, credentials, accessToken, refreshToken, account, rapidApiKey } = options;
  if (clientId === undefined)
    throw new InvalidOptionError('clientId', 'is missing; Imgur wants to know the application');
  for (const [option, value] of Object.entries({
    clientId,
    clientSecret,
    accessToken,
    refreshToken,
    rapidApiKey,
  }))
    if (value !== undefined && !isToken(value))
      throw new InvalidOptionError(option, 'must be printable ASCII without spaces, and not empty');
  if (credentials !== undefined) checkStore(options, credentials);
  if (refreshToken !== undefined && (accessToken === undefined || clientSecret === undefined))
    throw new InvalidOptionError('refreshToken', 'needs accessToken and clientSecret beside it');
  if (clientSecret !== undefined && credentials === undefined && refreshToken === undefined)
    throw new InvalidOptionError('clientSecret', 'is of use only with credentials or a refreshToken');
  if (account !== undefined && credentials === undefined && accessToken === undefined)
    throw new InvalidOptionError('account', 'is of use only with credentials or an accessToken');
}

function checkStore(options: ImgurHostOptions, credentials: ImgurTokenStore): void {
  if (options.accessToken !== undefined || options.refreshToken !== undefined)
    throw new InvalidOptionError('credentials', 'can not be combined with accessToken or refreshToken');
  if (options.clientSecret === undefined)
    throw new InvalidOptionError('credentials', 'needs clientSecret beside it');
  if (typeof credentials?.load !== 'function' || typeof credentials.save !== 'function')
    throw new InvalidOptionError('credentials', 'must have the methods load and save');
  if (credentials.lock !== undefined && typeof credentials.lock !== 'function')
    throw new InvalidOptionError('credentials', 'has a lock that is not a method');
}

/** Tokens that live as long as the process. */
function keptTokens({ accessToken, refreshToken }: ImgurHostOptions): ImgurTokenStore | undefined {
  if (accessToken === undefined) return undefined;
  let tokens: ImgurTokens = refreshToken === undefined ? { accessToken } : { accessToken, refreshToken };
  return {
    load: async () => tokens,
    save: async (renewed) => {
      tokens = renewed;
    },
  };
}

/** Names become parts of keys and of metrics. */
function word(option: string, value: string): string {
  if (typeof value !== 'string' || !/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(value))
    throw new InvalidOptionError(
      option,
      'must be 1 to 64 letters, digits or . _ - and begin with a letter or digit',
    );
  return value;
}

function clock(now: () => number): () => number {
  if (typeof now !== 'function') throw new InvalidOptionError('now', 'is not a function');
  return now;
}

/** A URL may hold a password: what is wrong with it is told without it. */
function base(option: string, text: string, insecure: boolean): ApiBase {
  const url = URL.parse(text);
  if (url === null || !['https:', 'http:'].includes(url.protocol))
    throw new InvalidOptionError(option, 'must be a URL that begins with https:// or http://');
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw new InvalidOptionError(option, 'must have no user, password, query or fragment');
  if (url.protocol === 'http:' && !insecure && !isLoopback(url.hostname))
    throw new InvalidOptionError(
      option,
      'is plain http to another machine; use https, or set allowInsecureApiUrl',
    );
  return { origin: url.origin, path: url.pathname.replace(/\/+$/, '') };
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

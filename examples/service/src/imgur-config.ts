import type { ImgurHostOptions } from '@imgferry/core/imgur-host';
import { ConfigError, type Env, secret, text } from './env.ts';

/** How to reach Imgur and as whom. */
export type ImgurConfig = Pick<
  ImgurHostOptions,
  | 'clientId'
  | 'clientSecret'
  | 'accessToken'
  | 'refreshToken'
  | 'rapidApiKey'
  | 'apiUrl'
  | 'allowInsecureApiUrl'
>;

/**
 * The credentials, or the stand-in that IMGUR_STAND_IN_URL names while there are none; `undefined` without either.
 * @throws ConfigError
 */
export function readImgur(env: Env): ImgurConfig | undefined {
  const clientId = secret(env, 'IMGUR_CLIENT_ID');
  refuseIncomplete(env, clientId);
  const standInUrl = baseUrl(env, 'IMGUR_STAND_IN_URL');
  if (clientId !== undefined) return credentials(env, clientId);
  if (standInUrl === undefined) return undefined;
  // No credentials go there, so it may be plain http in a network of one's own.
  return { clientId: 'stand-in', apiUrl: standInUrl, allowInsecureApiUrl: true };
}

function credentials(env: Env, clientId: string): ImgurConfig {
  return {
    clientId,
    ...optional('clientSecret', secret(env, 'IMGUR_CLIENT_SECRET')),
    ...optional('accessToken', secret(env, 'IMGUR_ACCESS_TOKEN')),
    ...optional('refreshToken', secret(env, 'IMGUR_REFRESH_TOKEN')),
    ...optional('rapidApiKey', secret(env, 'RAPIDAPI_KEY')),
    ...optional('apiUrl', apiUrl(env, 'IMGUR_API_URL')),
  };
}

/** Credentials that say as whom are of no use without the application, nor the parts of a pair without each other. */
function refuseIncomplete(env: Env, clientId: string | undefined): void {
  const others = [
    'IMGUR_ACCESS_TOKEN',
    'IMGUR_REFRESH_TOKEN',
    'IMGUR_CLIENT_SECRET',
    'RAPIDAPI_KEY',
    'IMGUR_API_URL',
  ];
  const [other] = others.filter((name) => text(env, name) !== undefined);
  if (clientId === undefined && other !== undefined)
    throw new ConfigError(`${other} is set without IMGUR_CLIENT_ID, which every use of Imgur needs`);
  const has = (name: string): boolean => text(env, name) !== undefined;
  if (has('IMGUR_REFRESH_TOKEN') && !(has('IMGUR_ACCESS_TOKEN') && has('IMGUR_CLIENT_SECRET')))
    throw new ConfigError('IMGUR_REFRESH_TOKEN needs IMGUR_ACCESS_TOKEN and IMGUR_CLIENT_SECRET beside it');
  if (has('IMGUR_CLIENT_SECRET') && !has('IMGUR_REFRESH_TOKEN'))
    throw new ConfigError('IMGUR_CLIENT_SECRET is of use only with IMGUR_REFRESH_TOKEN, which is not set');
}

function optional<Name extends string>(
  name: Name,
  value: string | undefined,
): { readonly [Key in Name]?: string } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [Key in Name]: string });
}

/** Credentials go there, so it is https, or this machine. */
function apiUrl(env: Env, name: string): string | undefined {
  const value = baseUrl(env, name);
  if (value === undefined) return undefined;
  const { protocol, hostname } = new URL(value);
  if (protocol === 'http:' && !/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname))
    throw new ConfigError(`${name} is plain http to another machine; use https`);
  return value;
}

function baseUrl(env: Env, name: string): string | undefined {
  const value = text(env, name);
  if (value === undefined) return undefined;
  const url = URL.parse(value);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new ConfigError(`${name} must be a URL that begins with https:// or http://`);
  if (`${url.username}${url.password}${url.search}${url.hash}` !== '')
    throw new ConfigError(`${name} must have no user, password, query or fragment`);
  return value;
}

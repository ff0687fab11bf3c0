import { isIP } from 'node:net';

import type { ImgurHostOptions } from '@imgferry/core/imgur-host';

/** What the service is made of and how it behaves. Everything in it has been checked. */
export interface ServiceConfig {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** `undefined`: nobody has given credentials or another API, so the stand-in Imgur is used. */
  readonly imgur: ImgurConfig | undefined;
  /** How many uploads run at once. */
  readonly concurrency: number;
  readonly leaseMs: number;
  readonly drainTimeoutMs: number;
  /** Submits are refused while this many uploads wait. */
  readonly maxWaiting: number;
  /** Addresses and CIDRs that may be fetched although they are not public. */
  readonly sourceAllow: readonly string[];
  /** Replaces the idle, header and connect limits of the source together. */
  readonly sourceTimeoutMs: number | undefined;
  readonly logLevel: LogLevel;
  /** Variables that are set, are valid and have nothing to act on in this version. */
  readonly unused: readonly string[];
}

/** How to reach Imgur and as whom. */
export type ImgurConfig = Pick<
  ImgurHostOptions,
  'clientId' | 'clientSecret' | 'accessToken' | 'refreshToken' | 'rapidApiKey' | 'apiUrl'
>;

/** The levels of the log, from the most to the least talkative. */
export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;

/** How much is logged. */
export type LogLevel = (typeof logLevels)[number];

/** A variable that can not work. The message names it and says what it must be; it never repeats a secret. */
export class ConfigError extends Error {
  override name = 'ConfigError' as const;
}

/** Environment variables, as `process.env` has them. Empty counts as not set. */
export type Env = Readonly<Record<string, string | undefined>>;

/**
 * Reads the environment variables of the service and refuses what can not work.
 * @throws ConfigError
 */
export function readConfig(env: Env): ServiceConfig {
  refuseRedis(env);
  return {
    host: text(env, 'HOST') ?? '127.0.0.1',
    port: port(env, 'PORT', 8080),
    imgur: readImgur(env),
    concurrency: whole(env, 'CONCURRENCY', 8, 1, 10_000),
    leaseMs: whole(env, 'LEASE_MS', 15_000, 100, 3_600_000),
    drainTimeoutMs: whole(env, 'DRAIN_TIMEOUT_MS', 8_000, 0, 3_600_000),
    maxWaiting: whole(env, 'MAX_WAITING', 1_000_000, 1, 1_000_000_000),
    sourceAllow: addresses(env, 'SOURCE_ALLOW'),
    sourceTimeoutMs: timeout(env, 'SOURCE_TIMEOUT_MS'),
    logLevel: logLevel(env),
    unused: readUnused(env),
  };
}

function refuseRedis(env: Env): void {
  if (text(env, 'REDIS_URL') === undefined) return;
  throw new ConfigError('REDIS_URL is set, and this version keeps jobs in memory only; unset it to start');
}

function readImgur(env: Env): ImgurConfig | undefined {
  const clientId = secret(env, 'IMGUR_CLIENT_ID');
  refuseIncomplete(env, clientId);
  if (clientId === undefined) return undefined;
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

/** These belong to parts that this version does not have. They are checked all the same, and told at the start. */
function readUnused(env: Env): string[] {
  port(env, 'MONITOR_PORT', 5555);
  const anonymous = text(env, 'MONITOR_ALLOW_ANONYMOUS');
  if (anonymous !== undefined && anonymous !== 'read')
    throw new ConfigError(`MONITOR_ALLOW_ANONYMOUS is ${shown(anonymous)}; the only value it takes is read`);
  if ((text(env, 'MONITOR_USER') === undefined) !== (text(env, 'MONITOR_PASSWORD') === undefined))
    throw new ConfigError('MONITOR_USER and MONITOR_PASSWORD belong together, and only one of them is set');
  const names = ['NAMESPACE', 'MONITOR_PORT', 'MONITOR_USER', 'MONITOR_PASSWORD', 'MONITOR_ALLOW_ANONYMOUS'];
  return names.filter((name) => text(env, name) !== undefined);
}

function text(env: Env, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === '' ? undefined : value;
}

/** Credentials travel in headers, where neither spaces nor control characters belong. */
function secret(env: Env, name: string): string | undefined {
  const value = text(env, name);
  if (value !== undefined && !/^[\x21-\x7e]+$/.test(value))
    throw new ConfigError(`${name} holds a space or a character that no credential has`);
  return value;
}

function whole(env: Env, name: string, otherwise: number, least: number, most: number): number {
  const value = text(env, name);
  if (value === undefined) return otherwise;
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < least || number > most)
    throw new ConfigError(`${name} is ${shown(value)}; it must be a whole number from ${least} to ${most}`);
  return number;
}

function port(env: Env, name: string, otherwise: number): number {
  return whole(env, name, otherwise, 0, 65_535);
}

function timeout(env: Env, name: string): number | undefined {
  return text(env, name) === undefined ? undefined : whole(env, name, 0, 1, 3_600_000);
}

/** Credentials go there, so it is https, or this machine. */
function apiUrl(env: Env, name: string): string | undefined {
  const value = text(env, name);
  if (value === undefined) return undefined;
  const url = URL.parse(value);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new ConfigError(`${name} must be a URL that begins with https:// or http://`);
  if (`${url.username}${url.password}${url.search}${url.hash}` !== '')
    throw new ConfigError(`${name} must have no user, password, query or fragment`);
  if (url.protocol === 'http:' && !/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname))
    throw new ConfigError(`${name} is plain http to another machine; use https`);
  return value;
}

function addresses(env: Env, name: string): string[] {
  const list = (text(env, name) ?? '').split(',').map((entry) => entry.trim());
  const entries = list.filter((entry) => entry !== '');
  for (const entry of entries) {
    if (!isAddressOrCidr(entry))
      throw new ConfigError(
        `${name} holds ${shown(entry)}; each entry must be an address or a CIDR, as 10.0.0.0/8`,
      );
  }
  return entries;
}

function isAddressOrCidr(entry: string): boolean {
  const [address = '', bits, ...rest] = entry.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  if (bits === undefined) return true;
  return /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128);
}

function logLevel(env: Env): LogLevel {
  const value = text(env, 'LOG_LEVEL') ?? 'info';
  const level = logLevels.find((each) => each === value);
  if (level === undefined)
    throw new ConfigError(`LOG_LEVEL is ${shown(value)}; it must be one of ${logLevels.join(', ')}`);
  return level;
}

/** A value as a message may show it: quoted, so that nothing in it moves a terminal, and short. */
function shown(value: string): string {
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
}

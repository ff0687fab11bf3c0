import { isIP } from 'node:net';

import { ConfigError, type Env, port, shown, text, whole } from './env.ts';
import { type ImgurConfig, readImgur } from './imgur-config.ts';
import { type MonitorConfig, readMonitor } from './monitor-config.ts';

/** What the service is made of and how it behaves. Everything in it has been checked. */
export interface ServiceConfig {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly monitor: MonitorConfig;
  /** Where to answer whether this process is alive; `undefined`: nowhere. */
  readonly healthPort: number | undefined;
  /** `undefined`: the jobs are in the memory of this process. */
  readonly redis: RedisConfig | undefined;
  /** `undefined`: nobody has given credentials or a stand-in. */
  readonly imgur: ImgurConfig | undefined;
  /** How many uploads run at once. */
  readonly concurrency: number;
  readonly leaseMs: number;
  readonly drainTimeoutMs: number;
  /** Submits and retries with which more uploads would wait are refused. */
  readonly maxWaiting: number;
  /** Addresses and CIDRs that may be fetched although they are not public. */
  readonly sourceAllow: readonly string[];
  /** Replaces the idle, header and connect limits of the source together. */
  readonly sourceTimeoutMs: number | undefined;
  /** What the stand-in limits that this process starts, if it does. */
  readonly standInLimits: StandInLimits;
  readonly logLevel: LogLevel;
  /** Variables that are set, are valid and have nothing to act on. */
  readonly unused: readonly string[];
}

/** Where the jobs are that processes share. */
export interface RedisConfig {
  /** May hold a password. */
  readonly url: string;
  readonly namespace: string;
}

/** What a stand-in limits: what Imgur does, which is 50 images an hour, or nothing. */
export type StandInLimits = 'imgur' | 'none';

/** The levels of the log, from the most to the least talkative. */
export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;

/** How much is logged. */
export type LogLevel = (typeof logLevels)[number];

/**
 * Reads the environment variables of the service and refuses what can not work.
 * @throws ConfigError
 */
export function readConfig(env: Env): ServiceConfig {
  const host = text(env, 'HOST') ?? '127.0.0.1';
  return {
    host,
    port: port(env, 'PORT', 8080),
    monitor: readMonitor(env, host),
    healthPort: text(env, 'HEALTH_PORT') === undefined ? undefined : port(env, 'HEALTH_PORT', 0),
    redis: readRedis(env),
    imgur: readImgur(env),
    concurrency: whole(env, 'CONCURRENCY', 8, 1, 10_000),
    leaseMs: whole(env, 'LEASE_MS', 15_000, 100, 3_600_000),
    drainTimeoutMs: whole(env, 'DRAIN_TIMEOUT_MS', 8_000, 0, 3_600_000),
    maxWaiting: whole(env, 'MAX_WAITING', 1_000_000, 1, 1_000_000_000),
    sourceAllow: addresses(env, 'SOURCE_ALLOW'),
    sourceTimeoutMs: timeout(env, 'SOURCE_TIMEOUT_MS'),
    standInLimits: standInLimits(env),
    logLevel: logLevel(env),
    unused: readUnused(env),
  };
}

function readRedis(env: Env): RedisConfig | undefined {
  const namespace = text(env, 'NAMESPACE') ?? 'imgferry';
  if (!/^[^{}\p{Cc}]{1,200}$/u.test(namespace))
    throw new ConfigError(`NAMESPACE is ${shown(namespace)}; it must be 1 to 200 characters without braces`);
  const url = text(env, 'REDIS_URL');
  if (url === undefined) return undefined;
  const { protocol, hostname } = URL.parse(url) ?? {};
  // The value is not repeated: it may hold a password.
  if (!/^rediss?:$/.test(protocol ?? '') || hostname === '')
    throw new ConfigError('REDIS_URL must be a URL like redis://127.0.0.1:6379, or rediss:// for TLS');
  return { url, namespace };
}

/** These have nothing to act on here. They are checked all the same, and told at the start. */
function readUnused(env: Env): string[] {
  const unused = text(env, 'REDIS_URL') === undefined && text(env, 'NAMESPACE') !== undefined;
  return unused ? ['NAMESPACE'] : [];
}

function timeout(env: Env, name: string): number | undefined {
  return text(env, name) === undefined ? undefined : whole(env, name, 0, 1, 3_600_000);
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

function standInLimits(env: Env): StandInLimits {
  const value = text(env, 'STAND_IN_LIMITS') ?? 'imgur';
  if (value !== 'imgur' && value !== 'none')
    throw new ConfigError(`STAND_IN_LIMITS is ${shown(value)}; it must be imgur or none`);
  return value;
}

function logLevel(env: Env): LogLevel {
  const value = text(env, 'LOG_LEVEL') ?? 'info';
  const level = logLevels.find((each) => each === value);
  if (level === undefined)
    throw new ConfigError(`LOG_LEVEL is ${shown(value)}; it must be one of ${logLevels.join(', ')}`);
  return level;
}

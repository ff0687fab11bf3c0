import { isIPv4 } from 'node:net';

import type { MonitorAccess, MonitorUser } from '@imgferry/monitor';
import { ConfigError, type Env, port, shown, text } from './env.ts';

/** Where the monitor listens, and who may use it. */
export interface MonitorConfig {
  /** 0 takes any free port. */
  readonly port: number;
  /** `undefined`: HOST can be reached from elsewhere, and nobody has said who may use it. */
  readonly access: MonitorAccess | undefined;
  /** Where a proxy in front says whose request it is. */
  readonly clientHeader: string | undefined;
}

/** With these the monitor can be reached from elsewhere. */
export const accessVariables = ['MONITOR_USER', 'MONITOR_PASSWORD', 'MONITOR_ALLOW_ANONYMOUS'] as const;

/** A password that can be tried one by one from a network is none. */
const leastCharacters = 8;

/**
 * Reads who may use the monitor. A password goes before everything: where one is set it is asked for.
 * @throws ConfigError
 */
export function readMonitor(env: Env, host: string): MonitorConfig {
  return {
    port: port(env, 'MONITOR_PORT', 5555),
    access: readAccess(env, host),
    clientHeader: readHeader(env, 'MONITOR_CLIENT_HEADER'),
  };
}

/**
 * Answers who may use the monitor of a process that is nothing else.
 * @throws ConfigError while nobody has said so
 */
export function requireAccess({ host, monitor: { access } }: Listening): MonitorAccess {
  if (access === undefined) throw new ConfigError(whyClosed(host));
  return access;
}

interface Listening {
  readonly host: string;
  readonly monitor: MonitorConfig;
}

/** Why there is no monitor on an address that others reach, as a sentence about the variables. */
export function whyClosed(host: string): string {
  const [user, password, anonymous] = accessVariables;
  return `the monitor would be open to everyone who reaches HOST ${shown(host)}; set ${user} and ${password}, or ${anonymous}=read, with which everyone may look and nobody steer, or HOST to 127.0.0.1`;
}

function readAccess(env: Env, host: string): MonitorAccess | undefined {
  const anonymous = text(env, 'MONITOR_ALLOW_ANONYMOUS');
  if (anonymous !== undefined && anonymous !== 'read')
    throw new ConfigError(`MONITOR_ALLOW_ANONYMOUS is ${shown(anonymous)}; the only value it takes is read`);
  const user = readUser(env);
  if (user !== undefined) return { users: [user] };
  const hostNames = readHostNames(env);
  if (anonymous !== undefined) return { anonymous, ...(hostNames.length > 0 ? { hostNames } : {}) };
  return isLoopback(host) ? { loopback: host } : undefined;
}

/** Where nobody is asked for a password, a name that is turned to this machine has to be one of these. */
function readHostNames(env: Env): string[] {
  const names = (text(env, 'MONITOR_HOST_NAMES') ?? '').split(',').map((name) => name.trim());
  const given = names.filter((name) => name !== '');
  for (const name of given)
    if (!/^[\w.-]+$/.test(name) || !URL.canParse(`http://${name}`))
      throw new ConfigError(
        `MONITOR_HOST_NAMES holds ${shown(name)}; each entry must be a name as it stands in a URL, without a port`,
      );
  return given;
}

function readHeader(env: Env, name: string): string | undefined {
  const header = text(env, name);
  if (header === undefined || /^[\w-]{1,100}$/.test(header)) return header;
  throw new ConfigError(`${name} is ${shown(header)}; it must be the name of a header, such as x-real-ip`);
}

/** Whoever knows these may do everything; to look is what MONITOR_ALLOW_ANONYMOUS is for. */
function readUser(env: Env): MonitorUser | undefined {
  const user = text(env, 'MONITOR_USER');
  const password = text(env, 'MONITOR_PASSWORD');
  if (user === undefined && password === undefined) return undefined;
  if (user === undefined || password === undefined)
    throw new ConfigError('MONITOR_USER and MONITOR_PASSWORD belong together, and only one of them is set');
  // RFC 7617: the name ends at the first colon.
  if (!/^[^:\p{Cc}]{1,100}$/u.test(user))
    throw new ConfigError('MONITOR_USER must be 1 to 100 characters, without a colon or a control character');
  if (/\p{Cc}/u.test(password) || password.length < leastCharacters)
    throw new ConfigError(
      `MONITOR_PASSWORD must have at least ${leastCharacters} characters, none of them a control character`,
    );
  return { user, password, role: 'write' };
}

/** Whether only this machine gets there. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

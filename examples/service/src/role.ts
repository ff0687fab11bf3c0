import type { ServiceConfig } from './config.ts';
import { ConfigError } from './env.ts';

/** What a process of the service does. */
export type Role = 'all' | 'api' | 'worker' | 'monitor' | 'stand-in';

const roles: readonly string[] = ['all', 'api', 'worker', 'monitor', 'stand-in'];

/**
 * Reads the role from the arguments of the program; `all` without any.
 * @throws ConfigError
 */
export function readRole([role = 'all', ...rest]: readonly string[]): Role {
  if (rest.length > 0 || !roles.includes(role))
    throw new ConfigError('give one role, or none for all: all, api, worker, monitor or stand-in');
  return role as Role;
}

/**
 * Refuses a role that shares its work with other processes and is not told where they are. Only `all` can do without
 * anything: it keeps the jobs in memory and starts a stand-in for Imgur. A monitor uploads nothing.
 * @throws ConfigError
 */
export function requireShared(role: Role, { redis, imgur }: ServiceConfig): void {
  if (role === 'all' || role === 'stand-in') return;
  if (redis === undefined)
    throw new ConfigError(`the role ${role} shares its jobs with other processes by Redis; set REDIS_URL`);
  if (role !== 'monitor' && imgur === undefined)
    throw new ConfigError(
      `the role ${role} needs credentials, which begin with IMGUR_CLIENT_ID, or a stand-in at IMGUR_STAND_IN_URL`,
    );
}

import { ConfigError } from './config.ts';

/**
 * Takes `all` and refuses the other roles: they share their jobs, and there is no store yet that processes can share.
 * @throws ConfigError
 */
export function requireRoleAll([role, ...rest]: readonly string[]): void {
  if (rest.length > 0 || !['all', 'api', 'worker', 'monitor'].includes(role ?? ''))
    throw new ConfigError('give one role: all, api, worker or monitor');
  if (role !== 'all')
    throw new ConfigError(
      `the role ${role} needs a store that processes share, and this version has only memory; use all`,
    );
}

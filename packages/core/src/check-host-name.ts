import { InvalidOptionError } from './errors.ts';

/**
 * What can be the name of a host, in jobs, events and paths: 1 to 100 characters, none that control, and none that is not
 * seen (Unicode's format characters), for two names that look the same would be two hosts.
 */
export const hostNamePattern: RegExp = /^[^\p{Cc}\p{Cf}]{1,100}$/u;

/**
 * Refuses a name that no host can have.
 * @throws InvalidOptionError
 */
export function checkHostName(option: string, name: unknown): void {
  if (typeof name === 'string' && hostNamePattern.test(name)) return;
  throw new InvalidOptionError(
    option,
    'must be a text of 1 to 100 characters, none of them a control or format character',
  );
}

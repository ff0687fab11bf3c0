import { InvalidOptionError } from './errors.ts';

/** What can be the name of a host, in jobs, events and paths: 1 to 100 characters, no control characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: a name has none
export const hostNamePattern: RegExp = /^[^\u0000-\u001f\u007f-\u009f]{1,100}$/;

/**
 * Refuses a name that no host can have.
 * @throws InvalidOptionError
 */
export function checkHostName(option: string, name: unknown): void {
  if (typeof name === 'string' && hostNamePattern.test(name)) return;
  throw new InvalidOptionError(
    option,
    'must be a text of 1 to 100 characters, none of them a control character',
  );
}

import { InvalidOptionError } from './errors.ts';

/** Characters that control (Cc) and those that nobody sees (Cf), by their numbers: a JSON Schema has no flags. */
const unseen =
  '\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u0600-\\u0605\\u061c\\u06dd\\u070f\\u0890\\u0891\\u08e2\\u180e\\u200b-\\u200f' +
  '\\u202a-\\u202e\\u2060-\\u2064\\u2066-\\u206f\\ufeff\\ufff9-\\ufffb';
/** The same of those that are two in UTF-16. */
const unseenPairs =
  '\\ud804[\\udcbd\\udccd]|\\ud80d[\\udc30-\\udc3f]|\\ud82f[\\udca0-\\udca3]|\\ud834[\\udd73-\\udd7a]|\\udb40[\\udc01\\udc20-\\udc7f]';

/**
 * What can be the name of a host, in jobs, events and paths: 1 to 100 characters, none that control, and none that nobody
 * sees (format characters), for two names that look the same would be two hosts. `.` and `..` are folders to a URL.
 */
export const hostNamePattern: RegExp = new RegExp(
  `^(?!\\.{1,2}$)(?![\\s\\S]*(?:${unseenPairs}))[^${unseen}]{1,100}$`,
);

/**
 * Refuses a name that no host can have.
 * @throws InvalidOptionError
 */
export function checkHostName(option: string, name: unknown): void {
  if (typeof name === 'string' && hostNamePattern.test(name)) return;
  throw new InvalidOptionError(
    option,
    'must be a text of 1 to 100 characters, none of them a control or format character, and neither . nor ..',
  );
}

import { InvalidOptionError } from './errors.ts';

/**
 * Characters that control (Cc), those that nobody sees (Cf, Default_Ignorable_Code_Point, the blank of Braille), and all
 * white space but the space, by their numbers: a JSON Schema has no flags.
 */
const unseen =
  '\\u0000-\\u001f\\u007f-\\u00a0\\u00ad\\u034f\\u0600-\\u0605\\u061c\\u06dd\\u070f\\u0890\\u0891\\u08e2\\u115f\\u1160' +
  '\\u1680\\u17b4\\u17b5\\u180b-\\u180f\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u206f\\u2800\\u3000\\u3164\\ufe00-\\ufe0f' +
  '\\ufeff\\uffa0\\ufff0-\\ufffb';
/** The same of those that are two in UTF-16, halves of such, and spaces at an end or side by side. */
const unseenPairs =
  '\\ud804[\\udcbd\\udccd]|\\ud80d[\\udc30-\\udc3f]|\\ud82f[\\udca0-\\udca3]|\\ud834[\\udd59\\udd73-\\udd7a]|' +
  '[\\udb40-\\udb43][\\udc00-\\udfff]|[\\ud800-\\udbff](?![\\udc00-\\udfff])|(?<![\\ud800-\\udbff])[\\udc00-\\udfff]|' +
  '^ | $| {2}';

/**
 * What can be the name of a host, in jobs, events and paths: 1 to 100 characters, none that control, none that nobody
 * sees, and no spaces but single ones between others, for two names that look the same would be two hosts. So a name is
 * told everywhere as it is. `.` and `..` are folders to a URL.
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
    'must be a text of 1 to 100 characters that are seen, with no spaces but single ones between them, and neither . nor ..',
  );
}

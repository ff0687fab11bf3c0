import { InvalidOptionError } from './errors.ts';

/** What stores put between the parts of a name, so that no job's id leads to what belongs to another one. */
const SEPARATOR = ':';
const HALF_CHARACTER = /\p{Cs}/u;
const LONGEST_SHOWN = 100;

/**
 * Refuses an id that no job can have. Every store calls it in `create`; elsewhere such an id is one that is unknown.
 * @throws InvalidOptionError
 */
export function checkJobId(id: string): void {
  if (id !== '' && !id.includes(SEPARATOR) && !HALF_CHARACTER.test(id)) return;
  const shown = JSON.stringify(id.slice(0, LONGEST_SHOWN));
  throw new InvalidOptionError(
    'id',
    `is ${shown}; it must be a text of whole characters, without ${JSON.stringify(SEPARATOR)}`,
  );
}

import { InvalidOptionError } from './errors.ts';
import { foreignText } from './foreign-text.ts';

/** The names of all options there are: the compiler wants every one of them, and no other. */
export type OptionNames<Options> = Readonly<Record<keyof Options, true>>;

/**
 * Refuses options that are no object, or that have a name which is none of an option: whoever misspells one would go
 * without it, and not notice.
 *
 * @param within The option that these are the options of.
 * @throws InvalidOptionError
 */
export function checkOptionNames<Options extends object>(
  options: Options,
  names: NoInfer<OptionNames<Options>>,
  within?: string,
): void {
  if (typeof options !== 'object' || options === null)
    throw new InvalidOptionError(within ?? 'options', 'must be an object');
  const inside = (name: string): string => (within === undefined ? name : `${within}.${name}`);
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(names, name)) continue;
    const near = Object.keys(names).find((known) => isNear(name, known));
    const advice = near === undefined ? '' : `; did you mean ${inside(near)}?`;
    throw new InvalidOptionError(inside(foreignText(name, 60)), `is not an option${advice}`);
  }
}

/** Whether two names differ at one place alone, by two letters at most, or by capitals. */
function isNear(name: string, known: string): boolean {
  const [one, other] = [name.toLowerCase(), known.toLowerCase()];
  const length = Math.max(one.length, other.length);
  let start = 0;
  while (start < length && one[start] === other[start]) start += 1;
  let end = 0;
  while (end < Math.min(one.length, other.length) - start && one.at(-1 - end) === other.at(-1 - end))
    end += 1;
  return length - start - end <= 2;
}

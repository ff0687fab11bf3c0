import { InvalidOptionError } from './errors.ts';
import { failureCodes } from './failure.ts';
import { foreignText } from './foreign-text.ts';
import { checkOptionNames } from './option-names.ts';
import type { RetrySelection } from './store.ts';

/**
 * Refuses a selection that can not be one, naming what is wrong with it: nothing that was misspelled runs everything
 * again, or nothing.
 * @throws InvalidOptionError
 */
export function checkRetrySelection(which: RetrySelection): RetrySelection {
  checkOptionNames(which, { urls: true, codes: true });
  const { urls, codes } = which;
  checkList('urls', urls, (url) => (typeof url === 'string' ? undefined : 'must be a text'));
  checkList('codes', codes, (code) => {
    if (typeof code !== 'string') return 'must be a failure code';
    if (Object.hasOwn(failureCodes, code)) return undefined;
    return `is ${foreignText(JSON.stringify(code), 100)}; it must be a failure code`;
  });
  return which;
}

function checkList(option: string, list: unknown, refusal: (item: unknown) => string | undefined): void {
  if (list === undefined) return;
  if (!Array.isArray(list)) throw new InvalidOptionError(option, 'must be a list');
  for (const [index, item] of list.entries()) {
    const fact = refusal(item);
    if (fact !== undefined) throw new InvalidOptionError(`${option}[${index}]`, fact);
  }
}

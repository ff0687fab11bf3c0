import { describe, expect, it } from 'vitest';

import { checkRetrySelection } from '../src/check-retry-selection.ts';
import type { RetrySelection } from '../src/store.ts';

describe('a selection of failed uploads', () => {
  it.each<RetrySelection>([
    {},
    { urls: [] },
    { urls: ['https://a.example'] },
    { codes: ['poison', 'too_large'] },
    { urls: ['any text'], codes: [] },
  ])('can be %j', (which) => {
    expect(checkRetrySelection(which)).toBe(which);
  });

  it.each([
    [{ urls: 'https://a.example' }, 'urls', 'urls must be a list'],
    [{ urls: null }, 'urls', 'urls must be a list'],
    [{ urls: ['a', 7] }, 'urls[1]', 'urls[1] must be a text'],
    [{ codes: new Set(['poison']) }, 'codes', 'codes must be a list'],
    [{ codes: ['nonsense'] }, 'codes[0]', 'codes[0] is "nonsense"; it must be a failure code'],
    [{ codes: ['poison', 'toString'] }, 'codes[1]', 'codes[1] is "toString"'],
    [{ codes: ['poison', undefined] }, 'codes[1]', 'codes[1] must be'],
    [{ codes: [10n] }, 'codes[0]', 'codes[0] must be'],
    [{ code: ['poison'] }, 'code', 'code is not an option; did you mean codes?'],
    [{ urls: ['a'], url: undefined }, 'url', 'url is not an option; did you mean urls?'],
    [['a'], '0', '0 is not an option'],
    [null, 'options', 'options must be an object'],
  ])('can not be %o: it names %s', (which, option, message) => {
    expect(() => checkRetrySelection(which as unknown as RetrySelection)).toThrow(
      expect.objectContaining({ code: 'invalid_option', option, message: expect.stringContaining(message) }),
    );
  });

  it('is never told at length', () => {
    const codes = ['x'.repeat(5_000)] as unknown as RetrySelection['codes'] & {};
    expect(() => checkRetrySelection({ codes })).toThrow(/^.{0,200}$/);
  });
});

import { describe, expect, it } from 'vitest';

import { InvalidOptionError } from '../src/errors.ts';
import { checkOptionNames } from '../src/option-names.ts';

interface Options {
  readonly authorize?: () => void;
  readonly maxUrls?: number;
}

const check = (options: object | null, within?: string): void =>
  checkOptionNames<Options>(options as Options, { authorize: true, maxUrls: true }, within);

describe('the names of options', () => {
  it.each([{}, { maxUrls: undefined }, { authorize: 5 }, Object.create(null)])('may be %o', (options) => {
    expect(() => check(options)).not.toThrow();
  });

  it.each([
    ['authorise', 'authorise is not an option; did you mean authorize?'],
    ['maxURLs', 'maxURLs is not an option; did you mean maxUrls?'],
    ['maxUrl', 'maxUrl is not an option; did you mean maxUrls?'],
    ['maxUlrs', 'maxUlrs is not an option; did you mean maxUrls?'],
    ['xxmaxUrls', 'xxmaxUrls is not an option; did you mean maxUrls?'],
    ['timeoutMs', 'timeoutMs is not an option'],
    ['toString', 'toString is not an option'],
    ['', ' is not an option'],
  ])('may not be %s, whatever it is set to', (name, message) => {
    for (const value of [1, undefined])
      expect(() => check({ maxUrls: 1, [name]: value })).toThrow(
        new InvalidOptionError(name, message.slice(name.length + 1)),
      );
  });

  it('are told with the option that they belong to', () => {
    expect(() => check({ maxurls: 1 }, 'limits')).toThrow(
      'limits.maxurls is not an option; did you mean limits.maxUrls?',
    );
    expect(() => check(null, 'limits')).toThrow('limits must be an object');
  });

  it('are those of an object', () => {
    for (const nothing of [null, undefined, 5, 'done'])
      expect(() => check(nothing as never)).toThrow('options must be an object');
  });

  it('are never told at length, nor with what steers a terminal', () => {
    expect(() => check({ [`a\u001b[2J${'x'.repeat(5_000)}`]: 1 })).toThrow(
      /^a \[2Jx{1,100}… is not an option$/,
    );
  });
});

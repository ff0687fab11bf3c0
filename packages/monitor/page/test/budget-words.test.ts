import { describe, expect, it } from 'vitest';

import { budgetWords } from '../budget-words.ts';

describe('the name of a limit', () => {
  it.each([
    ['imgur:client:9f3c2a10', /this application.* day/],
    ['imgur:user:9f3c2a10:default', /this application from this address.* hour/],
    ['imgur:post:default', /from this address.* hour/],
    ['imgur:gate:9f3c2a10:default', /shut/],
  ])('is told in words: %s', (name, words) => {
    expect(budgetWords(name)).toMatch(words);
  });

  it.each(['client', 'shop:client', 'shop:uploads:1', 'shop:constructor:1', ''])(
    'of another host has none: %s',
    (name) => {
      expect(budgetWords(name)).toBeUndefined();
    },
  );
});

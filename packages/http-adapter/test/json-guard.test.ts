import { describe, expect, it } from 'vitest';

import { guardJson } from '../src/json-guard.ts';

const guard = (text: string): void => guardJson(Buffer.from(text));

describe('the JSON guard', () => {
  it('lets 32 levels pass and refuses 33', () => {
    expect(() => guard(`${'['.repeat(32)}${']'.repeat(32)}`)).not.toThrow();
    expect(() => guard('['.repeat(33))).toThrow('nested deeper than 32 levels');
    expect(() => guard('{"a":'.repeat(33))).toThrow('nested deeper than 32 levels');
  });

  it('refuses a million levels without a stack', () => {
    expect(() => guard('['.repeat(1_048_576))).toThrow('nested deeper');
  });

  it('refuses more than 10,000 keys, objects and arrays', () => {
    expect(() => guard(`[${'[],'.repeat(9_999)}`)).not.toThrow();
    expect(() => guard(`[${'[],'.repeat(10_000)}`)).toThrow('more than 10000');
    expect(() => guard(`{${'"a":1,'.repeat(10_000)}`)).toThrow('more than 10000');
  });

  it('does not mistake what is inside a string', () => {
    expect(() =>
      guard(JSON.stringify({ urls: ['[{:'.repeat(20_000), '"\\', '\\"[['.repeat(20_000)] })),
    ).not.toThrow();
  });

  it('ends at a string that never ends', () => {
    expect(() => guard('{"urls')).not.toThrow();
    expect(() => guard('"\\')).not.toThrow();
  });
});

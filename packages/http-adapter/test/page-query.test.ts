import { describe, expect, it } from 'vitest';

import { linkToNext, readOnce, readPageQuery } from '../src/page-query.ts';

const read = (query: string) => readPageQuery(new URLSearchParams(query));

describe('the query of a page', () => {
  it('may say nothing', () => {
    expect(read('')).toEqual({});
  });

  it('has a limit from 1 to 1,000 and a cursor', () => {
    expect(read('limit=1')).toEqual({ limit: 1 });
    expect(read('limit=1000&cursor=a%2Bb')).toEqual({ limit: 1_000, cursor: 'a+b' });
  });

  it.each(['0', '-1', '1001', '99999', '1e2', '1.5', '01', ' 1', '', 'all', '１'])(
    'refuses the limit %j',
    (limit) => {
      expect(() => read(`limit=${limit}`)).toThrow('limit must be a whole number from 1 to 1000');
    },
  );

  it('refuses a cursor that can not be one', () => {
    expect(() => read('cursor=')).toThrow('cursor');
    expect(() => read(`cursor=${'x'.repeat(513)}`)).toThrow('cursor');
  });

  it('refuses what is given twice', () => {
    expect(() => read('limit=1&limit=2')).toThrow('limit is given more than once');
    expect(() => readOnce(new URLSearchParams('status=a&status=b'), 'status')).toThrow('more than once');
  });

  it('leads to the next page of the same kind, and repeats nothing that nobody asked for', () => {
    const query = new URLSearchParams(`status=failed&cursor=old&limit=2&more=${'"'.repeat(5_000)}`);
    expect(linkToNext('/images/v1/images', query, 'a>b "c')).toEqual({
      link: '</images/v1/images?limit=2&status=failed&cursor=a%3Eb+%22c>; rel="next"',
    });
    expect(linkToNext('/v1/images', query, undefined)).toEqual({});
  });
});

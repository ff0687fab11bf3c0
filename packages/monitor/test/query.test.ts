import { describe, expect, it } from 'vitest';

import { Query } from '../src/query.ts';

const timeOf = (from: string): number | undefined =>
  new Query(new URLSearchParams({ from }), ['from']).read('from', 'time');

describe('a time of a query', () => {
  it.each([
    ['2026-11-27', Date.UTC(2026, 10, 27)],
    ['2028-02-29', Date.UTC(2028, 1, 29)],
    ['2026-11-27T10:00Z', Date.UTC(2026, 10, 27, 10)],
    ['2026-11-27T10:00:01.5Z', Date.UTC(2026, 10, 27, 10, 0, 1, 500)],
    ['2026-11-27T10:00-05:00', Date.UTC(2026, 10, 27, 15)],
    ['2026-11-27T00:30:00+01:00', Date.UTC(2026, 10, 26, 23, 30)],
    ['0', 0],
  ])('%s is the same wherever the server is', (text, moment) => {
    expect(timeOf(text)).toBe(moment);
  });

  it.each([
    '2026-11-27T10:00',
    '2026-11-27T10:00:00.000',
    '2026-02-29',
    '2026-02-30',
    '2026-04-31T10:00Z',
    '2026-13-01',
    '2026-00-10',
    '2026-01-00T00:00Z',
    '2026-11-27T25:00Z',
    '2026-11-27T10:00 01:00',
    '1969-12-31',
  ])('%s is none: a day has to be there, and a time of it says where', (text) => {
    expect(() => timeOf(text)).toThrow(expect.objectContaining({ kind: 'badRequest' }));
  });
});

import { describe, expect, it } from 'vitest';

import { parseRetryAfter } from '../src/retry-after.ts';

const nowMs = Date.UTC(2026, 10, 23, 20, 0, 0);

describe('Retry-After', () => {
  it.each([
    ['120', 120_000],
    [' 7 ', 7_000],
    ['0', 0],
    ['Mon, 23 Nov 2026 20:01:00 GMT', 60_000],
    ['Monday, 23-Nov-26 20:01:00 GMT', 60_000],
    ['Mon, 23 Nov 2026 19:00:00 GMT', 0],
  ])('of %j is %i ms', (value, expected) => {
    expect(parseRetryAfter(value, nowMs)).toBe(expected);
  });

  it.each([undefined, '', '-5', '1.5', '1e3', 'soon', '2026-11-23', 'Mon, nonsense', '1'.repeat(40)])(
    'of %j says nothing',
    (value) => {
      expect(parseRetryAfter(value, nowMs)).toBeUndefined();
    },
  );
});

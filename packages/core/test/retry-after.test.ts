import { describe, expect, test } from 'vitest';

import { parseRetryAfter } from '../src/retry-after.ts';

const now = Date.UTC(2026, 0, 1, 12, 0, 0);

describe('Retry-After', () => {
  test.each([
    ['0', 0],
    ['7', 7_000],
    [' 7 ', 7_000],
    ['86400', 86_400_000],
    ['Thu, 01 Jan 2026 12:00:30 GMT', 30_000],
    ['Thursday, 01-Jan-26 12:00:30 GMT', 30_000],
    ['Thu Jan  1 12:00:30 2026 GMT', 30_000],
    ['Thu, 01 Jan 2026 11:00:00 GMT', 0],
  ])('%s is read', (header, waitMs) => expect(parseRetryAfter(header, now)).toBe(waitMs));

  test.each([
    undefined,
    '',
    '-5',
    '1.5',
    'soon',
    '1e9',
    '0x10',
    '2026-01-01',
    '9'.repeat(400),
    'Thu, nonsense',
    'NaN',
  ])('%s says nothing', (header) => expect(parseRetryAfter(header, now)).toBeUndefined());
});

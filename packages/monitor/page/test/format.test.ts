import { describe, expect, it } from 'vitest';

import { ago, bytes, count, countdown, counted, duration, moment, percent, shortCount } from '../format.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('numbers', () => {
  it('are grouped, and a dash when they are unknown', () => {
    expect([count(0), count(1_234_567), count(null)]).toEqual(['0', '1,234,567', '–']);
    expect([counted(1, 'job'), counted(2, 'job'), counted(0, 'job')]).toEqual(['1 job', '2 jobs', '0 jobs']);
  });

  it('are short on an axis', () => {
    expect([shortCount(5), shortCount(1_500), shortCount(2_000_000)]).toEqual(['5', '1.5K', '2M']);
  });

  it('show a small share that is not nothing', () => {
    expect([percent(0), percent(0.004), percent(0.5), percent(1)]).toEqual(['0 %', '0.4 %', '50 %', '100 %']);
  });

  it.each([
    [null, '–'],
    [0, '0 B'],
    [999, '999 B'],
    [1_000, '1 kB'],
    [9_940, '9.9 kB'],
    [240_000, '240 kB'],
    [999_499, '999 kB'],
    [999_500, '1 MB'],
    [31e9, '31 GB'],
    [5e18, '5,000 PB'],
  ])('show %s bytes as %s', (value, text) => {
    expect(bytes(value)).toBe(text);
  });
});

describe('times', () => {
  it.each([
    [null, '–'],
    [-5, '0 ms'],
    [0, '0 ms'],
    [999.9, '999 ms'],
    [1_000, '1 s'],
    [1_450, '1.4 s'],
    [9_949, '9.9 s'],
    [9_999, '9.9 s'],
    [10_000, '10 s'],
    [59_999, '59 s'],
    [MINUTE, '1 min'],
    [3 * MINUTE + 4 * SECOND, '3 min 4 s'],
    [HOUR, '1 h'],
    [2 * HOUR + 5 * MINUTE + 59 * SECOND, '2 h 5 min'],
    [DAY + 3 * HOUR, '1 d 3 h'],
  ])('show %s ms as %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it.each([
    [-3_000, 'just now'],
    [999, 'just now'],
    [59_999, '59 s ago'],
    [MINUTE, '1 min ago'],
    [HOUR - 1, '59 min ago'],
    [HOUR, '1 h ago'],
    [DAY - 1, '23 h ago'],
    [1_500 * DAY, '1,500 d ago'],
  ])('show that %s ms have passed as %s', (ms, text) => {
    expect(ago(ms)).toBe(text);
  });

  it('count down to nothing and no further', () => {
    expect([HOUR + 9 * SECOND, 723_000, 500, 0, -5_000].map(countdown)).toEqual([
      '1:00:09',
      '12:03',
      '0:01',
      '0:00',
      '0:00',
    ]);
  });

  it('show the year only of another one', () => {
    const now = new Date(2026, 10, 27, 14, 3, 22).getTime();
    expect(moment(now, now)).toBe('27 Nov 14:03:22');
    expect(moment(new Date(2025, 0, 2, 3, 4, 5).getTime(), now)).toBe('2 Jan 2025 03:04:05');
  });
});

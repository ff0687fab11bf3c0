import { describe, expect, it } from 'vitest';

import type { BudgetReading } from '../src/budget.ts';
import { mergeReadings } from '../src/merge-readings.ts';

const scope = ['client', 'user'];

function reading(client: number, user: number, resetInMs = 1_000): BudgetReading {
  const buckets = [
    { bucket: 'client', remaining: client, resetInMs },
    { bucket: 'user', remaining: user, resetInMs },
  ];
  return { scope, buckets };
}

describe('what many replies have told', () => {
  it('is the least that was left of each bucket, in one reading', () => {
    expect(mergeReadings([reading(9, 5), reading(7, 6), reading(8, 4)])).toEqual([reading(7, 4)]);
  });

  it('is kept with the later reset where the same is left', () => {
    expect(mergeReadings([reading(9, 5, 10), reading(9, 5, 30), reading(9, 5, 20)])).toEqual([
      reading(9, 5, 30),
    ]);
  });

  it('goes together only where it is told of the same buckets of the same scope', () => {
    const client: BudgetReading = { scope, buckets: [{ bucket: 'client', remaining: 1, resetInMs: 1 }] };
    const other = { ...reading(1, 1), scope: ['client', 'user', 'post'] };
    expect(mergeReadings([reading(9, 5), client, other])).toEqual([reading(9, 5), client, other]);
  });
});

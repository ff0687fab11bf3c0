import * as v from 'valibot';
import { describe, expect, it } from 'vitest';

import { resizeBody } from '../../src/write/steer-workers.ts';
import { slotsOf } from '../slots.ts';

describe('what is typed as a number of slots', () => {
  it.each([
    ['1', 1],
    [' 7 ', 7],
    ['10000', 10_000],
    ['', undefined],
    [' ', undefined],
    ['-3', undefined],
    ['0', undefined],
    ['1.5', undefined],
    ['1e3', undefined],
    ['10001', undefined],
    ['seven', undefined],
  ])('"%s" is %s', (typed, slots) => {
    expect(slotsOf(typed)).toBe(slots);
  });

  it.each(['-3', '0', '1', '1.5', '10000', '10001', '20000'])(
    'is taken or refused as the server does it: %s',
    (typed) => {
      const { success } = v.safeParse(resizeBody, { slots: Number(typed) });
      expect(slotsOf(typed) !== undefined).toBe(success);
    },
  );
});

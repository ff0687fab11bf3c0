import { describe, expect, it } from 'vitest';

import { eventful } from '../eventful.ts';

describe('the table of a chart', () => {
  it('leaves out minutes in which nothing happened, and has the newest first', () => {
    const complete = { values: [1, 0, 0, 3, 0] };
    const failed = { values: [0, 0, 2, 0, 0] };
    expect(eventful([complete, failed])).toEqual([3, 2, 0]);
  });

  it('leaves out minutes of which nothing is known', () => {
    expect(eventful([{ values: [null, 120, null] }])).toEqual([1]);
    expect(eventful([])).toEqual([]);
  });
});

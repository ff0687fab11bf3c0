import { expect, it } from 'vitest';

import { isFarResize } from '../far-resize.ts';

it.each([
  [4, 40, false],
  [4, 41, true],
  [40, 4, false],
  [41, 4, true],
  [4, 4, false],
  [4, Number.NaN, false],
])('from %i slots to %i is far beyond ten times: %s', (slots, wanted, far) => {
  expect(isFarResize(slots, wanted)).toBe(far);
});

import { expect, it } from 'vitest';

import { idleWords } from '../fleet-words.ts';

const none = { online: 2, paused: 0, draining: 0, offline: 0 };

it.each([
  [none, ''],
  [{ ...none, paused: 1 }, ', 1 paused'],
  [{ ...none, paused: 1, draining: 2, offline: 1_000 }, ', 1 paused, 2 draining, 1,000 offline'],
])('of the workers %o the overview names those that take no upload: "%s"', (workers, words) => {
  expect(idleWords(workers)).toBe(words);
});

import { describe, expect, it } from 'vitest';

import { BodyTurns } from '../../src/imgur-host/body-turns.ts';

/** Takes turns of so many milliseconds, of the source first; the last one is still going on. */
function after(...turnsMs: readonly number[]): BodyTurns {
  let nowMs = 1_000_000;
  const turns = new BodyTurns(() => nowMs);
  for (const [index, ms] of turnsMs.entries()) {
    if (index % 2 === 0) turns.toSource();
    else turns.toHost();
    nowMs += ms;
  }
  return turns;
}

describe('the turns of a body', () => {
  it.each([
    ['nothing has begun', [], false],
    ['the source is waited for for a moment', [1_000], false],
    ['the source is waited for', [1_001], true],
    ['the source was waited for in many moments', [600, 10, 600, 10], true],
    ['the source gave much in the last moment', [20_000, 10], true],
    ['the host took three times as long', [2_000, 6_001], false],
    ['the host took long and then the source is waited for', [0, 80_000, 1_001], true],
    ['the host took long and then the source is waited for for a moment', [0, 80_000, 900], false],
  ])('say whether the source is late: %s', (_what, turnsMs, late) => {
    expect(after(...turnsMs).sourceIsLate).toBe(late);
  });

  it('say whose it is', () => {
    expect(after().ofSource).toBe(false);
    expect(after(0).ofSource).toBe(true);
    expect(after(0, 0).ofSource).toBe(false);
  });
});

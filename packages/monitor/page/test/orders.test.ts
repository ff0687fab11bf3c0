import { describe, expect, it } from 'vitest';

import { drainWords, isObeyed, type Order, orderWords, toldWords } from '../orders.ts';

const online = { state: 'online', slots: 4 } as const;

describe('a worker that was told something', () => {
  it.each<[Order, Parameters<typeof isObeyed>[1], boolean]>([
    [{ to: 'pause' }, online, false],
    [{ to: 'pause' }, { ...online, state: 'paused' }, true],
    [{ to: 'pause' }, { ...online, state: 'draining' }, true],
    [{ to: 'resume' }, { ...online, state: 'paused' }, false],
    [{ to: 'resume' }, online, true],
    [{ to: 'drain' }, online, false],
    [{ to: 'drain' }, { ...online, state: 'draining' }, true],
    [{ to: 'resize', slots: 7 }, online, false],
    [{ to: 'resize', slots: 7 }, { ...online, slots: 7 }, true],
  ])('obeys %o as %o: %s', (order, reported, obeyed) => {
    expect(isObeyed(order, reported)).toBe(obeyed);
  });

  it('is said to do so within two beats, where it is known how long these are', () => {
    expect(toldWords({ to: 'pause' }, 5_000)).toBe(
      'The worker is told to pause. It does so with its next beats, within about 10 s.',
    );
    expect(toldWords({ to: 'drain' }, undefined)).toBe(
      'The worker is told to drain. It does so with its next beats.',
    );
    expect(orderWords({ to: 'resize', slots: 1 })).toBe('told to take 1 slot');
  });
});

describe('a drain', () => {
  it.each([
    [0, 8_000, 'It takes no more uploads, and then'],
    [
      1,
      8_000,
      /goes on with the 1 upload it has for up to 8 s\. What has not finished by then it hands back/,
    ],
    [2, undefined, /the 2 uploads it has for a while\. What has not finished by then it hands back/],
    [2, 0, 'It takes no more uploads, hands back the 2 uploads it has, and then'],
  ])(
    'of a worker with %i uploads that it lets run for %s ms promises no more than it does',
    (running, ms, words) => {
      expect(drainWords(running, ms)).toMatch(words);
    },
  );
});

import { expect, it } from 'vitest';

import { GrowingPause } from '../../src/imgur-host/growing-pause.ts';

const minuteMs = 60_000;

it('doubles with each probe that is turned away, from a minute to an hour', () => {
  const pause = new GrowingPause(minuteMs, 60 * minuteMs);
  const pauses: number[] = [];
  let nowMs = 1_000_000;
  for (let i = 0; i < 8; i++) {
    pauses.push(pause.at(nowMs) / minuteMs);
    pause.began(nowMs);
    nowMs += pause.at(nowMs);
  }
  expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
});

it('is not made longer by uploads that were on their way', () => {
  const pause = new GrowingPause(minuteMs, 60 * minuteMs);
  pause.began(0);
  pause.began(10);
  expect(pause.at(20)).toBe(minuteMs);
});

it('begins anew after Imgur took an image', () => {
  const pause = new GrowingPause(minuteMs, 60 * minuteMs);
  pause.began(0);
  pause.began(minuteMs);
  pause.ended();
  expect(pause.at(3 * minuteMs)).toBe(minuteMs);
});

import { expect, it } from 'vitest';

import { Tail } from '../src/tail.ts';

it('items keep their position when older ones are dropped', () => {
  const tail = new Tail<number>(10);
  for (let item = 0; item < 1_000; item += 1) {
    tail.append(item);
    const first = Math.max(0, item - 9);
    expect(tail.first).toBe(first);
    expect(tail.end).toBe(item + 1);
    expect(tail.at(first)).toBe(first);
    expect(tail.at(first - 1)).toBeUndefined();
    expect(tail.at(item + 1)).toBeUndefined();
  }
});

it('a slice begins at its position, or at the oldest item that is kept', () => {
  const tail = new Tail<number>(5);
  for (let item = 0; item < 12; item += 1) tail.append(item);
  expect(tail.slice(0, 3)).toEqual([7, 8, 9]);
  expect(tail.slice(10, 9)).toEqual([10, 11]);
  expect(tail.slice(12, 9)).toEqual([]);
});

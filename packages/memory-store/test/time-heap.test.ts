import fc from 'fast-check';
import { expect, it } from 'vitest';

import { TimeHeap } from '../src/time-heap.ts';

const change = fc.oneof(
  fc.record({ type: fc.constant('set' as const), item: fc.nat(20), at: fc.nat(50) }),
  fc.record({ type: fc.constant('delete' as const), item: fc.nat(20), at: fc.constant(0) }),
  fc.record({ type: fc.constant('take' as const), item: fc.constant(0), at: fc.nat(50) }),
);

it('gives items by their time, and of equal times in the order in which they were set', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 200 }), (changes) => {
      const heap = new TimeHeap<number>();
      let sorted: { item: number; at: number }[] = [];
      for (const { type, item, at } of changes) {
        if (type === 'take') {
          const expected =
            (sorted[0]?.at ?? Number.POSITIVE_INFINITY) <= at ? sorted.shift()?.item : undefined;
          expect(heap.takeDue(at)).toBe(expected);
          continue;
        }
        const rest = sorted.filter((entry) => entry.item !== item);
        if (type === 'delete') expect(heap.delete(item)).toBe(rest.length < sorted.length);
        else heap.set(item, at);
        sorted = type === 'set' ? [...rest, { item, at }].sort((a, b) => a.at - b.at) : rest;
        expect(heap.first?.item).toBe(sorted[0]?.item);
        expect(heap.size).toBe(sorted.length);
        expect(heap.countDue(at)).toBe(sorted.filter((entry) => entry.at <= at).length);
      }
      expect([...heap.drain()]).toEqual(sorted.map(({ item }) => item));
      expect(heap.size).toBe(0);
    }),
  );
});

import type { StoreEvent } from '@imgferry/core';
import { follows, type HistoryEntry } from './history-entry.ts';

/** In an id: the place after all changes of an entry. */
export const END = 'end';

/** Where a reader stands: after an entry, with some events still to be told. */
export interface Place {
  readonly entry: string;
  readonly told: readonly StoreEvent[];
}

/** All events of entries that follow one another. */
export function placeAfter(entries: readonly HistoryEntry[]): Place {
  let [last] = entries;
  const told: StoreEvent[] = [];
  for (const entry of entries) {
    if (last !== undefined && entry !== last && !follows(entry, last.id)) break;
    told.push(...entry.events);
    last = entry;
  }
  return { entry: last?.id ?? '', told };
}

/** What was between a place and an entry is gone. */
export function gapAfter(entry: string, at: number): Place {
  const id = `${entry === '' ? '0-0' : entry}.${END}`;
  return { entry, told: [{ type: 'gap', id, at }] };
}

/** Whether an entry comes before another one. A place without an entry is before all of them. */
export function isBefore(entry: string, other: string): boolean {
  const [ms = 0, order = 0] = entry.split('-').map(Number);
  const [otherMs = 0, otherOrder = 0] = other.split('-').map(Number);
  return ms < otherMs || (ms === otherMs && order < otherOrder);
}

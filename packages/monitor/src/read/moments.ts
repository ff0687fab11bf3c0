import type { Stats } from '@imgferry/core';

/** When the oldest job came that is not complete. Unlike its age it stays as it is while nothing happens. */
export function oldestAt({ at, queue: { oldestMs } }: Stats): number | null {
  return oldestMs === null ? null : at - oldestMs;
}

/** When the first upload that was given back may be tried again; null as well when it may be already. */
export function nextDelayedAt({ at, queue: { nextDelayedMs } }: Stats): number | null {
  return nextDelayedMs === null || nextDelayedMs === 0 ? null : at + nextDelayedMs;
}

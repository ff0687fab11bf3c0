import { useEffect, useRef, useState } from 'preact/hooks';

import { answerOf } from './actions.ts';
import type { Connection } from './connection.ts';
import { reloadFor } from './fresh.ts';
import { Live } from './live.ts';
import type { Reading } from './reading.ts';
import type { Sent } from './sent.ts';

/** The one connection of this tab. */
export const live = new Live({
  open: (url) => new EventSource(url),
  ask: answerOf,
  served: reloadFor,
  later: (task, ms) => setTimeout(task, ms),
  frame: (task) => requestAnimationFrame(task),
});

/** For so long nobody may see the page before its connection is closed: who looks elsewhere may come back at once. */
const UNSEEN_MS = 5_000;
let hiddenAt = 0;
let closing: ReturnType<typeof setTimeout> | undefined;

/** After a sleep the time is over although the timer never was, and the connection may have died without a word. */
function onVisibility(): void {
  clearTimeout(closing);
  if (document.hidden) {
    hiddenAt = Date.now();
    closing = setTimeout(() => live.rest(), UNSEEN_MS);
  } else if (Date.now() - hiddenAt > UNSEEN_MS) live.reconnect();
}
document.addEventListener('visibilitychange', onVisibility);
if (document.hidden) onVisibility();
addEventListener('online', () => document.hidden || live.reconnect());

/**
 * What a path below `api/` answers, now and whenever it changes. From one page of a list to the next the old one stays
 * until the new one is there, dimmed when that takes a while, so that nothing jumps and what had the focus keeps it.
 */
export function useLive<Value>(path: string): Reading<Value> {
  useChanges((changed) => live.watch(path, changed), [path]);
  const reading = live.read(path) as Reading<Value>;
  const shown = useRef(reading);
  if (reading.value === undefined && reading.problem === undefined)
    return { ...shown.current, isOfBefore: true };
  shown.current = reading;
  return reading;
}

/** How far an upload is that is being sent. A later attempt begins anew. */
export function useSent(jobId: string, index: number, attempt: number): Sent | undefined {
  useChanges((changed) => live.sent.show(jobId, index, changed), [jobId, index, attempt]);
  return live.sent.of(jobId, index);
}

export function useConnection(): Connection {
  useChanges((changed) => live.onState(changed), []);
  return live.connection;
}

/** Whether the server is there and can not tell how something is now. */
export function useIsBehind(): boolean {
  useChanges((changed) => live.onState(changed), []);
  return live.isBehind;
}

/** Whether who looks may steer. */
export function useMayWrite(): boolean {
  useChanges((changed) => live.onState(changed), []);
  return live.role === 'write';
}

const tickers = new Set<() => void>();
setInterval(() => {
  for (const tick of tickers) tick();
}, 1_000);

/** The time of the store; the component is drawn anew each second. */
export function useNow(): number {
  useChanges((changed) => {
    tickers.add(changed);
    return () => tickers.delete(changed);
  }, []);
  return live.clock.now();
}

/** Draws the component anew whenever what it subscribed to calls. */
function useChanges(subscribe: (changed: () => void) => () => unknown, of: readonly unknown[]): void {
  const [, setVersion] = useState(0);
  useEffect(() => {
    const changed = (): void => setVersion((version) => version + 1);
    const leave = subscribe(changed);
    changed();
    return () => void leave();
  }, of);
}

import { useEffect, useRef, useState } from 'preact/hooks';

import { answerOf } from './actions.ts';
import { type Connection, Live, type Reading, type Sent } from './live.ts';

/** The one connection of this tab. */
export const live = new Live({
  open: (url) => new EventSource(url),
  ask: answerOf,
  reload: () => location.reload(),
  later: (task, ms) => setTimeout(task, ms),
});

/** A connection may have died without a word while nobody looked: a laptop was asleep, a phone in a pocket. */
const UNSEEN_MS = 30_000;
let hiddenAt = 0;
document.addEventListener('visibilitychange', () => {
  if (document.hidden) hiddenAt = Date.now();
  else if (Date.now() - hiddenAt > UNSEEN_MS) live.reconnect();
});
addEventListener('online', () => live.reconnect());

/**
 * What a path below `api/` answers, now and whenever it changes. From one page of a list to the next the old one stays
 * until the new one is there, so that nothing jumps and what had the focus keeps it.
 */
export function useLive<Value>(path: string): Reading<Value> {
  useChanges((changed) => live.watch(path, changed), [path]);
  const reading = live.read(path) as Reading<Value>;
  const shown = useRef(reading);
  if (reading.value !== undefined || reading.problem !== undefined) shown.current = reading;
  return shown.current;
}

/** How far the uploads of a job are that are being sent. For who watches them. */
export function sentOf(jobId: string, index: number): Sent | undefined {
  return live.sent(jobId)?.get(index);
}

export function useConnection(): Connection {
  useChanges((changed) => live.onState(changed), []);
  return live.connection;
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

/** The time of the server; the component is drawn anew each second. */
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

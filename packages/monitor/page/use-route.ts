import { useEffect, useState } from 'preact/hooks';

import { parseRoute, type Route } from './router.ts';

const listeners = new Set<() => void>();

export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const read = (): void => setHash(location.hash);
    listeners.add(read);
    addEventListener('popstate', read);
    read();
    return () => {
      listeners.delete(read);
      removeEventListener('popstate', read);
    };
  }, []);
  return parseRoute(hash);
}

/** How many pages of a list one has gone through to get here, so that there is a way back. */
export function depth(): number {
  const state: unknown = history.state;
  return typeof state === 'number' ? state : 0;
}

/** Goes somewhere within this document. */
export function navigate(address: string, newDepth = 0): void {
  if (address === location.hash) return;
  history.pushState(newDepth === 0 ? null : newDepth, '', address);
  for (const listener of listeners) listener();
}

/** The same place, said otherwise: nothing to go back to. */
export function restate(address: string): void {
  history.replaceState(null, '', address);
  for (const listener of listeners) listener();
}

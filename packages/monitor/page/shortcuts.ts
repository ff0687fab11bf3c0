import { remember, remembered } from './remembered.ts';
import { navigate } from './use-route.ts';

/** Keys without a modifier can be in the way of who speaks to a computer, so they can be turned off (WCAG 2.1.4). */
export function shortcutsOn(): boolean {
  return remembered('shortcuts') !== 'off';
}

export function turnShortcuts(on: boolean): void {
  remember('shortcuts', on ? 'on' : 'off');
}

/** Each after a `g`. */
export const places: Readonly<Record<string, { readonly name: string; readonly address: string }>> = {
  o: { name: 'Overview', address: '#/' },
  w: { name: 'Workers', address: '#/workers' },
  j: { name: 'Jobs', address: '#/jobs' },
  q: { name: 'Queue', address: '#/queue' },
  s: { name: 'Settings', address: '#/settings' },
};

const PAIR_MS = 1_500;

/** Listens to the keyboard until the answer is called. */
export function listenForShortcuts(showHelp: () => void): () => void {
  let goAt = Number.NEGATIVE_INFINITY;
  const press = (event: KeyboardEvent): void => {
    if (!shortcutsOn() || isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    const place = event.timeStamp - goAt < PAIR_MS ? places[event.key] : undefined;
    goAt = event.key === 'g' ? event.timeStamp : Number.NEGATIVE_INFINITY;
    if (place !== undefined) navigate(place.address);
    else if (event.key === '?') showHelp();
    else if (event.key === '/') document.querySelector<HTMLElement>('[data-filter]')?.focus();
    else return;
    event.preventDefault();
  };
  document.addEventListener('keydown', press);
  return () => document.removeEventListener('keydown', press);
}

function isTyping({ target }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.closest('input, textarea, select, dialog') !== null;
}

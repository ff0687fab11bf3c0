import { remember, remembered } from './remembered.ts';

/** `auto` is what the system wants. */
export type Theme = 'auto' | 'light' | 'dark';

const THEMES: readonly Theme[] = ['auto', 'light', 'dark'];
const listeners = new Set<() => void>();

export function theme(): Theme {
  return THEMES.find((each) => each === remembered('theme')) ?? 'auto';
}

/** The one after this. */
export function nextTheme(current: Theme): Theme {
  return THEMES[(THEMES.indexOf(current) + 1) % THEMES.length] ?? 'auto';
}

export function wear(chosen: Theme): void {
  remember('theme', chosen);
  document.documentElement.dataset.theme = chosen;
  for (const listener of listeners) listener();
}

/** Hears when colours have changed, for whoever draws by itself. */
export function onColours(listener: () => void): () => void {
  const system = matchMedia('(prefers-color-scheme: dark)');
  listeners.add(listener);
  system.addEventListener('change', listener);
  return () => {
    listeners.delete(listener);
    system.removeEventListener('change', listener);
  };
}

import { useState } from 'preact/hooks';

import type { PageName } from '../router.ts';
import { places } from '../shortcuts.ts';
import { nextTheme, theme, wear } from '../theme.ts';
import { useConnection, useIsBehind } from '../use-live.ts';
import { Who } from './who.tsx';

/** Pages of one thing belong to the list of such things. */
const OWNERS: Readonly<Partial<Record<PageName, string>>> = {
  overview: 'Overview',
  workers: 'Workers',
  worker: 'Workers',
  jobs: 'Jobs',
  job: 'Jobs',
  queue: 'Queue',
  settings: 'Settings',
};

export function Header({ page, onHelp }: { readonly page: PageName; readonly onHelp: () => void }) {
  return (
    <header class="top">
      <button type="button" class="skip" onClick={() => document.getElementById('main')?.focus()}>
        Skip to the content
      </button>
      <a class="brand" href="#/" aria-label="imgferry, to the overview">
        <svg viewBox="0 0 16 16" aria-hidden="true" focusable="false">
          <path d="M5 2h5v2h2v3H4V4h1zM1.5 8h13L13 12H3zM1 13q1.75 1.5 3.5 0 1.75 1.5 3.5 0 1.75 1.5 3.5 0 1.75 1.5 3.5 0v1.5q-1.75 1.5-3.5 0-1.75 1.5-3.5 0-1.75 1.5-3.5 0-1.75 1.5-3.5 0z" />
        </svg>
        imgferry
      </a>
      <nav aria-label="Pages">
        <ul>
          {Object.values(places).map(({ name, address }) => (
            <li key={name}>
              <a href={address} aria-current={OWNERS[page] === name ? 'page' : undefined}>
                {name}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <div class="tools">
        <ConnectionState />
        <Who />
        <ThemeButton />
        <button type="button" class="small" aria-label="Keyboard shortcuts and words" onClick={onHelp}>
          ?
        </button>
      </div>
    </header>
  );
}

const WORDS = {
  connecting: 'Connecting',
  live: 'Live',
  behind: 'Not up to date',
  resting: 'Paused while hidden',
  lost: 'Connection lost',
  full: 'Too many watch',
  refused: 'Refused',
} as const;

function ConnectionState() {
  const { state: connection } = useConnection();
  const isBehind = useIsBehind();
  const state = connection === 'live' && isBehind ? 'behind' : connection;
  return (
    <span class={`connection connection-${state}`} role="status" aria-label="Connection">
      <i aria-hidden="true" />
      {WORDS[state]}
    </span>
  );
}

function ThemeButton() {
  const [worn, setWorn] = useState(theme);
  const change = (): void => {
    const next = nextTheme(worn);
    wear(next);
    setWorn(next);
  };
  return (
    <button type="button" class="small theme" aria-label={`Colours: ${worn}. Change`} onClick={change}>
      <svg viewBox="0 0 16 16" aria-hidden="true" focusable="false">
        <path d="M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm0 1.6v10.8A5.4 5.4 0 0 1 8 2.6Z" fill-rule="evenodd" />
      </svg>
      {{ auto: 'Auto', light: 'Light', dark: 'Dark' }[worn]}
    </button>
  );
}

import { useState } from 'preact/hooks';

import { places, shortcutsOn, turnShortcuts } from '../shortcuts.ts';
import { words } from '../words.ts';
import { Dialog } from './dialog.tsx';

/** Which keys do what, and what the words of the trade mean. */
export function Help({ onClose }: { readonly onClose: () => void }) {
  const [on, setOn] = useState(shortcutsOn);
  return (
    <Dialog title="Keyboard shortcuts and words" onClose={onClose}>
      <dl class="keys">
        {Object.entries(places).map(([key, { name }]) => (
          <div key={key}>
            <dt>
              <kbd>g</kbd> <kbd>{key}</kbd>
            </dt>
            <dd>{name}</dd>
          </div>
        ))}
        <div>
          <dt>
            <kbd>/</kbd>
          </dt>
          <dd>To the filter of the page</dd>
        </div>
        <div>
          <dt>
            <kbd>?</kbd>
          </dt>
          <dd>This help</dd>
        </div>
      </dl>
      <form method="dialog">
        <label>
          <input
            type="checkbox"
            checked={on}
            onChange={(event) => {
              turnShortcuts(event.currentTarget.checked);
              setOn(event.currentTarget.checked);
            }}
          />{' '}
          Shortcuts on
        </label>
        <dl class="words">
          {Object.entries(words).map(([word, meaning]) => (
            <div key={word}>
              <dt>{word}</dt>
              <dd class="quiet">{meaning}</dd>
            </div>
          ))}
        </dl>
        <p class="choices">
          <button type="submit" class="filled">
            Close
          </button>
        </p>
      </form>
    </Dialog>
  );
}

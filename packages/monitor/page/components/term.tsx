import { useId } from 'preact/hooks';

import { type Word, words } from '../words.ts';

/** Beside a word of the trade: a button that tells what it means, by mouse, touch, keyboard and screen reader. */
export function Term({ of }: { readonly of: Word }) {
  const id = useId();
  return (
    <span class="term">
      <button
        type="button"
        class="what"
        popovertarget={id}
        aria-label={`What is meant by ${of}?`}
        aria-describedby={id}
        onClick={(event) => {
          event.preventDefault();
          toggle(event.currentTarget);
        }}
      />
      <span id={id} popover="auto" class="meaning">
        {words[of]}
      </span>
    </span>
  );
}

const GAP = 8;

/** By hand, as the browser says too late that it is open: it would be seen elsewhere first. */
function toggle(button: HTMLButtonElement): void {
  const meaning = button.nextElementSibling;
  if (meaning instanceof HTMLElement && meaning.togglePopover()) place(meaning, button);
}

/** Below its button, or above it where there is no room, and within the window; it scrolls with the page. */
function place({ style, offsetWidth, offsetHeight }: HTMLElement, button: HTMLButtonElement): void {
  const { left, top, bottom } = button.getBoundingClientRect();
  const room = document.documentElement.clientWidth - offsetWidth - GAP;
  const fits = bottom + offsetHeight < innerHeight;
  style.left = `${Math.max(GAP, Math.min(left, room))}px`;
  style.top = `${scrollY + (fits ? bottom : top - offsetHeight)}px`;
}

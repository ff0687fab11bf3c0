import { useState } from 'preact/hooks';

import { visibleText } from '../visible-text.ts';

const SHOWN = 180;

/** A text of somebody else: isolated from what is around it, shortened when it is long, with a way to see all of it. */
export function LongText({
  text,
  what,
  address = false,
}: {
  readonly text: string;
  /** What it is, for the button that shows all: `the URL of upload 3`. */
  readonly what: string;
  /** An address runs from left to right and is written in equal widths. */
  readonly address?: boolean;
}) {
  const [open, setOpen] = useState(false);
  const long = text.length > SHOWN;
  const shown = long && !open ? `${text.slice(0, SHOWN)}…` : text;
  return (
    <span class={address ? 'long address' : 'long'}>
      <bdi dir={address ? 'ltr' : 'auto'}>{visibleText(shown)}</bdi>
      {long && (
        <button
          type="button"
          class="small"
          aria-expanded={open}
          aria-label={`${open ? 'Less' : 'All'} of ${what}`}
          onClick={() => setOpen(!open)}
        >
          {open ? 'Less' : 'All'}
        </button>
      )}
    </span>
  );
}

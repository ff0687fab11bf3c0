import type { ComponentChildren } from 'preact';

const RING = 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Zm0 2a4 4 0 1 1 0 8 4 4 0 0 1 0-8Z';

/** Each has a colour, a shape and a word: none of them is needed to read the others. */
const KINDS: Readonly<
  Record<string, { readonly word: string; readonly tone: string; readonly shape: string }>
> = {
  waiting: {
    word: 'waiting',
    tone: 'quiet',
    shape: RING,
  },
  pending: {
    word: 'pending',
    tone: 'quiet',
    shape: RING,
  },
  claimed: { word: 'running', tone: 'accent', shape: 'M4 2.5 13.5 8 4 13.5Z' },
  'in-progress': { word: 'in progress', tone: 'accent', shape: 'M4 2.5 13.5 8 4 13.5Z' },
  complete: { word: 'complete', tone: 'good', shape: 'm2.2 8.6 1.6-1.7 2.8 2.7 5.7-6 1.7 1.6-7.3 7.7Z' },
  failed: {
    word: 'failed',
    tone: 'bad',
    shape: 'm4.2 2.6 3.8 3.8 3.8-3.8 1.6 1.6L9.6 8l3.8 3.8-1.6 1.6L8 9.6l-3.8 3.8-1.6-1.6L6.4 8 2.6 4.2Z',
  },
  cancelled: {
    word: 'cancelled',
    tone: 'quiet',
    shape: 'M3 3h10v10H3Z',
  },
  paused: { word: 'paused', tone: 'warn', shape: 'M3.5 2.5h3v11h-3Zm6 0h3v11h-3Z' },
  online: { word: 'online', tone: 'good', shape: 'M8 3a5 5 0 1 0 0 10A5 5 0 0 0 8 3Z' },
  draining: { word: 'draining', tone: 'warn', shape: 'M2 4h12L8 14Z' },
  offline: { word: 'offline', tone: 'bad', shape: 'M2 7h12v2.2H2Z' },
  warning: { word: 'warning', tone: 'warn', shape: 'M8 1.5 15 14H1Zm-1 5v4h2v-4Zm0 5v1.5h2V11.5Z' },
};

/** A state in one word. */
export function Status({ of, children }: { readonly of: string; readonly children?: ComponentChildren }) {
  const kind = Object.hasOwn(KINDS, of) ? KINDS[of] : undefined;
  return (
    <span class={`status tone-${kind?.tone ?? 'quiet'}`}>
      {kind !== undefined && (
        <svg viewBox="0 0 16 16" aria-hidden="true" focusable="false">
          <path d={kind.shape} fill-rule="evenodd" />
        </svg>
      )}
      <span>{children ?? kind?.word ?? of}</span>
    </span>
  );
}

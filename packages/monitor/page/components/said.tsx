import { useEffect, useState } from 'preact/hooks';

/** One sentence about what was done last. */
interface Saying {
  readonly text: string;
  readonly bad: boolean;
}

const SHOWN_MS = 6_000;
let show: (saying: Saying) => void = () => {};

/** Says what came of an action, to eyes and to screen readers. */
export function say(text: string, bad = false): void {
  show({ text, bad });
}

/** Where it is said. There is one, and it is always there, or screen readers would not hear of what comes into it. */
export function Said() {
  const [saying, setSaying] = useState<Saying | undefined>();
  useEffect(() => {
    show = setSaying;
  }, []);
  useEffect(() => {
    if (saying === undefined || saying.bad) return;
    const timer = setTimeout(setSaying, SHOWN_MS, undefined);
    return () => clearTimeout(timer);
  }, [saying]);
  return (
    <div role="status" aria-label="What was done" class="said">
      {saying !== undefined && (
        <p class={saying.bad ? 'tone-bad' : 'tone-good'}>
          <span>{saying.text}</span>
          <button type="button" class="small" aria-label="Dismiss" onClick={() => setSaying(undefined)}>
            ✕
          </button>
        </p>
      )}
    </div>
  );
}

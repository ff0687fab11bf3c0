import { useEffect, useRef } from 'preact/hooks';

/**
 * A day and a time, in the time zone of who looks. What is typed is a draft until one leaves the field or presses Enter;
 * what is picked holds at once. A draft that is not complete is given up.
 */
export function MomentField({
  label,
  value,
  onChange,
}: {
  readonly label: string;
  /** In UTC, so that it means the same to everybody. */
  readonly value: string | undefined;
  readonly onChange: (changed: string | undefined) => void;
}) {
  const field = useRef<HTMLInputElement>(null);
  const isTyped = useRef(false);
  const shown = localMoment(value);
  const show = (): void => {
    if (field.current !== null) field.current.value = shown;
  };
  // By hand: what is drawn anew meanwhile must not touch the draft.
  useEffect(show, [shown]);
  const apply = (): void => {
    isTyped.current = false;
    const input = field.current;
    if (input === null) return;
    if (!input.validity.valid) show();
    else if (input.value !== shown) onChange(absoluteMoment(input.value));
  };
  return (
    <label>
      {label}{' '}
      <input
        ref={field}
        type="datetime-local"
        onKeyDown={({ key }) => {
          isTyped.current = true;
          if (key === 'Enter') apply();
        }}
        onChange={() => isTyped.current || apply()}
        onBlur={apply}
      />
    </label>
  );
}

/** `2026-11-27T14:03`, as the field wants it. */
function localMoment(moment: string | undefined): string {
  const at = Date.parse(moment ?? '');
  if (Number.isNaN(at)) return '';
  return new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function absoluteMoment(local: string): string | undefined {
  const at = Date.parse(local);
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}

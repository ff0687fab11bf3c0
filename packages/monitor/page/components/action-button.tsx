import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

import { type ActionResult, act } from '../actions.ts';
import { Dialog } from './dialog.tsx';
import { say } from './said.tsx';

interface Action<Value> {
  /** What is on the button. */
  readonly label: string;
  /** More than the label, where it would be said of several things. */
  readonly name?: string;
  /** Below `api/`. */
  readonly path: string;
  readonly body?: () => unknown;
  /** What is said when it was done. */
  readonly done: (value: Value) => string;
  readonly onDone?: (value: Value) => void;
}

/** Asks the server to do something, and says what came of it. */
export function ActionButton<Value>(action: Action<Value>) {
  const [run, busy] = useAction(action);
  return (
    <button type="button" aria-label={action.name} aria-disabled={busy} onClick={() => void run()}>
      {action.label}
    </button>
  );
}

/** Asks once more before. What is in it says what will happen. */
export function ConfirmedButton<Value>({
  title,
  confirm,
  danger = false,
  children,
  ...action
}: Action<Value> & {
  readonly title: string;
  readonly confirm: string;
  readonly danger?: boolean;
  readonly children: ComponentChildren;
}) {
  const [open, setOpen] = useState(false);
  const [run, busy] = useAction(action);
  const close = (): void => setOpen(false);
  return (
    <>
      <button
        type="button"
        class={danger ? 'danger' : ''}
        aria-label={action.name}
        onClick={() => setOpen(true)}
      >
        {action.label}
      </button>
      {open && (
        <Dialog title={title} onClose={close}>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              void run().then(close);
            }}
          >
            {children}
            <p class="choices">
              <button type="button" onClick={close}>
                Back
              </button>
              <button type="submit" class={danger ? 'danger filled' : 'filled'} aria-disabled={busy}>
                {confirm}
              </button>
            </p>
          </form>
        </Dialog>
      )}
    </>
  );
}

/**
 * For what is no plain button: how to do it, and whether it is being done. Meanwhile it is not done again; the button is
 * `aria-disabled`, as one that is `disabled` loses the focus.
 */
export function useAction<Value>({
  path,
  body,
  done,
  onDone,
}: Omit<Action<Value>, 'label'>): [() => Promise<void>, boolean] {
  const [busy, setBusy] = useState(false);
  const run = async (): Promise<void> => {
    if (busy) return;
    setBusy(true);
    const result: ActionResult<Value> = await act<Value>(path, body?.());
    setBusy(false);
    if (result.status === 'refused') return say(result.sentence, true);
    onDone?.(result.value);
    say(done(result.value));
  };
  return [run, busy];
}

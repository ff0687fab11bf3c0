import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

import { type ActionResult, act } from '../actions.ts';
import { Dialog } from './dialog.tsx';
import { say } from './said.tsx';

interface Action<Value> {
  /** Below `api/`. */
  readonly path: string;
  readonly body?: () => unknown;
  /** What is said when it was done. */
  readonly done: (value: Value) => string;
  readonly onDone?: () => void;
}

/** What is asked before. */
interface Question {
  readonly title: string;
  /** What is on the button that says yes. */
  readonly confirm: string;
  readonly danger?: boolean;
  /** What will happen. */
  readonly told: ComponentChildren;
}

/**
 * Asks the server to do something, and says what came of it. What can be undone by the same button stays one button,
 * whose label and question change, so that it keeps the focus.
 */
export function ActionButton<Value>({
  label,
  name,
  question,
  mayStart,
  onEnd,
  ...action
}: Action<Value> & {
  /** What is on the button. */
  readonly label: string;
  /** More than the label, where it would be said of several things. */
  readonly name?: string;
  /** Without one it is done at once. */
  readonly question?: Question | undefined;
  /** Asked first: without it nothing is asked or done. It says why by itself. */
  readonly mayStart?: () => boolean;
  /** Called when it is done or refused, or whoever was asked went back. */
  readonly onEnd?: () => void;
}) {
  const [run, busy] = useAction(action);
  const [asking, setAsking] = useState(false);
  const start = async (): Promise<void> => {
    if (mayStart?.() === false) return;
    if (question !== undefined) return setAsking(true);
    const refusal = await run();
    onEnd?.();
    if (refusal !== undefined) say(refusal, true);
  };
  const close = (): void => {
    setAsking(false);
    onEnd?.();
  };
  // Somebody else did it meanwhile.
  useEffect(() => setAsking(false), [action.path]);
  return (
    <>
      <button
        type="button"
        class={question?.danger ? 'danger' : ''}
        aria-label={name}
        aria-disabled={busy}
        onClick={() => void start()}
      >
        {label}
      </button>
      {asking && question !== undefined && (
        <Confirmation question={question} run={run} busy={busy} onClose={close} />
      )}
    </>
  );
}

/** A dialog that stays as long as what it asks for is refused, with the reason. */
export function Confirmation({
  question: { title, confirm, danger = false, told },
  run,
  busy,
  onClose,
}: {
  readonly question: Question;
  readonly run: Run;
  readonly busy: boolean;
  readonly onClose: () => void;
}) {
  const [refusal, setRefusal] = useState<string | undefined>();
  const form = useRef<HTMLFormElement>(null);
  const submit = async (): Promise<void> => {
    if (busy) return;
    setRefusal(undefined);
    const reason = await run();
    if (reason === undefined) onClose();
    // Who went back meanwhile hears it on the page.
    else if (form.current === null) say(reason, true);
    else setRefusal(reason);
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        ref={form}
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        {told}
        {refusal !== undefined && (
          <p role="alert" class="tone-bad">
            {refusal}
          </p>
        )}
        <p class="choices">
          <button type="button" onClick={onClose}>
            Back
          </button>
          <button type="submit" class={danger ? 'danger filled' : 'filled'} aria-disabled={busy}>
            {confirm}
          </button>
        </p>
      </form>
    </Dialog>
  );
}

/** Does it, unless it is being done. Answers why not, when it was refused. */
type Run = () => Promise<string | undefined>;

/**
 * How to do something, and whether it is being done. Meanwhile its button is `aria-disabled`, as one that is `disabled`
 * loses the focus.
 */
export function useAction<Value>({ path, body, done, onDone }: Action<Value>): [run: Run, busy: boolean] {
  const [busy, setBusy] = useState(false);
  const run = async (): Promise<string | undefined> => {
    if (busy) return undefined;
    setBusy(true);
    const result: ActionResult<Value> = await act<Value>(path, body?.());
    setBusy(false);
    if (result.status === 'refused') return result.sentence;
    onDone?.();
    say(done(result.value));
    return undefined;
  };
  return [run, busy];
}

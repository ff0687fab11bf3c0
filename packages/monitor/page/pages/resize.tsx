import { useId, useState } from 'preact/hooks';

import { ActionButton } from '../components/action-button.tsx';
import { isFarResize } from '../far-resize.ts';
import { counted } from '../format.ts';
import { mostSlots, slotsOf, slotsRule } from '../slots.ts';

/**
 * Gives a worker another number of slots; asks first when that is another order of magnitude. The field says what the
 * worker has, unless somebody is typing.
 */
export function Resize({
  path,
  slots,
  done,
  onDone,
}: {
  readonly path: string;
  readonly slots: number;
  readonly done: (wanted: number) => string;
  readonly onDone: (wanted: number) => void;
}) {
  const [typed, setTyped] = useState<string | undefined>();
  const [refused, setRefused] = useState(false);
  const rule = useId();
  const wanted = typed === undefined ? slots : slotsOf(typed);
  const mayStart = (): boolean => {
    setRefused(wanted === undefined);
    if (wanted === undefined) setTyped(undefined);
    return wanted !== undefined;
  };
  return (
    <span class="joined">
      <label>
        Slots{' '}
        <input
          type="number"
          min={1}
          max={mostSlots}
          value={typed ?? String(slots)}
          aria-describedby={rule}
          onInput={(event) => {
            setTyped(event.currentTarget.value);
            setRefused(false);
          }}
        />
      </label>
      <ActionButton
        label="Resize"
        name="Resize worker"
        path={path}
        body={() => ({ slots: wanted })}
        mayStart={mayStart}
        done={() => done(wanted ?? slots)}
        onDone={() => onDone(wanted ?? slots)}
        onEnd={() => setTyped(undefined)}
        question={wanted !== undefined && isFarResize(slots, wanted) ? question(slots, wanted) : undefined}
      />
      <span id={rule} role="alert" class="tone-bad">
        {refused && slotsRule}
      </span>
    </span>
  );
}

function question(slots: number, wanted: number) {
  return {
    title: `Resize to ${counted(wanted, 'slot')}?`,
    confirm: 'Resize it',
    told: (
      <p>
        The worker has {counted(slots, 'slot')} now. That is more than ten times{' '}
        {wanted > slots ? 'as many' : 'fewer'}.
      </p>
    ),
  };
}

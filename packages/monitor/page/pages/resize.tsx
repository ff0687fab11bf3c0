import { useState } from 'preact/hooks';

import { ActionButton } from '../components/action-button.tsx';
import { isFarResize } from '../far-resize.ts';
import { counted } from '../format.ts';

/** Gives a worker another number of slots; asks first when that is another order of magnitude. */
export function Resize({
  path,
  slots,
  done,
}: {
  readonly path: string;
  readonly slots: number;
  readonly done: () => string;
}) {
  const [typed, setTyped] = useState<number | undefined>();
  const wanted = typed ?? slots;
  return (
    <span class="joined">
      <label>
        Slots{' '}
        <input
          type="number"
          min={1}
          max={1000}
          value={wanted}
          onInput={(event) => setTyped(event.currentTarget.valueAsNumber)}
        />
      </label>
      <ActionButton
        label="Resize"
        name="Resize worker"
        path={path}
        body={() => ({ slots: wanted })}
        done={done}
        question={
          isFarResize(slots, wanted)
            ? {
                title: `Resize to ${counted(wanted, 'slot')}?`,
                confirm: 'Resize it',
                told: (
                  <p>
                    The worker has {counted(slots, 'slot')} now. That is more than ten times{' '}
                    {wanted > slots ? 'as many' : 'fewer'}.
                  </p>
                ),
              }
            : undefined
        }
      />
    </span>
  );
}

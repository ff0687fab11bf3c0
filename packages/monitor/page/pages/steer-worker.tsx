import { useState } from 'preact/hooks';

import type { WorkerView } from '../../src/views/index.ts';
import { ActionButton } from '../components/action-button.tsx';
import { useLongest } from '../in-force.ts';
import { drainWords, isObeyed, type Order, orderWords, toldWords } from '../orders.ts';
import { useMayWrite, useNow } from '../use-live.ts';
import { Resize } from './resize.tsx';

/** One beat to hear it, one to report, and one that came late. */
const SHOWN_BEATS = 3;
/** Of a worker that beats as often as by default. */
const BEAT_MS = 5_000;

/** What can be done to a worker, and what it was told that it does not report yet. */
export function Steer({ worker }: { readonly worker: WorkerView }) {
  const { id, state, slots, running } = worker;
  const beatMs = useLongest('heartbeatMs');
  const drainTimeoutMs = useLongest('drainTimeoutMs');
  const now = useNow();
  const [told, setTold] = useState<{ readonly order: Order; readonly at: number } | undefined>();
  if (!useMayWrite() || state === 'offline') return null;
  const path = `workers/${encodeURIComponent(id)}`;
  const tell = (order: Order) => ({
    done: () => toldWords(order, beatMs),
    onDone: () => setTold({ order, at: now }),
  });
  const isOpen =
    told !== undefined && !isObeyed(told.order, worker) && now < told.at + SHOWN_BEATS * (beatMs ?? BEAT_MS);
  return (
    <section class="bar" aria-label="Steer this worker">
      {state === 'paused' ? (
        <ActionButton label="Resume worker" path={`${path}/resume`} {...tell({ to: 'resume' })} />
      ) : (
        <ActionButton label="Pause worker" path={`${path}/pause`} {...tell({ to: 'pause' })} />
      )}
      <Resize
        path={`${path}/resize`}
        slots={slots}
        done={(wanted) => tell({ to: 'resize', slots: wanted }).done()}
        onDone={(wanted) => tell({ to: 'resize', slots: wanted }).onDone()}
      />
      <ActionButton
        label="Drain worker"
        path={`${path}/drain`}
        {...tell({ to: 'drain' })}
        question={{
          title: 'Drain this worker?',
          confirm: 'Drain it',
          danger: true,
          told: (
            <p>
              {drainWords(running, drainTimeoutMs)} <strong>stops for good</strong>. It can not be resumed
              from here; whoever runs it has to start it again.
            </p>
          ),
        }}
      />
      {isOpen && <span class="tag">{orderWords(told.order)}</span>}
    </section>
  );
}

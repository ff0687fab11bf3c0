import type { WorkerView } from '../../src/views/index.ts';
import { Status } from '../components/status.tsx';
import { useLongest } from '../in-force.ts';
import { useNow } from '../use-live.ts';

/** Of a worker that beats as often as by default. Beyond the third beat that does not come it is offline. */
const LATE_MS = 12_000;
const LATE_BEATS = 2.4;

/** After how long without a beat a worker is late: two are missed, of the slowest worker. */
export function useLateMs(): number {
  return Math.max(LATE_MS, LATE_BEATS * (useLongest('heartbeatMs') ?? 0));
}

/** As it said with its last beat, unless that was too long ago. */
export function WorkerState({ worker, lateMs }: { readonly worker: WorkerView; readonly lateMs: number }) {
  const { state, lastBeatAt } = worker;
  const silentMs = useNow() - lastBeatAt;
  return (
    <span class="statuses">
      <Status of={state} />
      {state !== 'offline' && silentMs > lateMs && <Status of="warning">late</Status>}
    </span>
  );
}

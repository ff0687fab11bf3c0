import type { Overview, WorkersView, WorkerView } from '../../src/views/index.ts';
import { Loaded } from '../components/loaded.tsx';
import { type Column, parseSorting, type Sorting, sorted, Table } from '../components/table.tsx';
import { Term } from '../components/term.tsx';
import { Ago } from '../components/time.tsx';
import { Title } from '../components/title.tsx';
import { bytes, count, counted, percent } from '../format.ts';
import { address, type Route } from '../router.ts';
import { useLive } from '../use-live.ts';
import { restate } from '../use-route.ts';
import { visibleText } from '../visible-text.ts';
import { FirstWorker } from './first-steps.tsx';
import { ForAll } from './fleet-actions.tsx';
import { Standstill } from './standstill.tsx';
import { useLateMs, WorkerState } from './worker-state.tsx';

const STATES = ['online', 'paused', 'draining', 'offline'] as const;

const columnsOf = (lateMs: number): readonly Column<WorkerView>[] => [
  {
    name: 'Worker',
    heads: true,
    by: ({ hostname, pid }) => `${hostname} ${pid}`,
    cell: (worker) => <WorkerName worker={worker} />,
  },
  {
    name: 'State',
    by: ({ state }) => STATES.indexOf(state),
    cell: (worker) => <WorkerState worker={worker} lateMs={lateMs} />,
  },
  {
    name: 'Running',
    number: true,
    by: ({ running }) => running,
    cell: (worker) => <Heard worker={worker}>{count(worker.running)}</Heard>,
  },
  { name: 'Slots', number: true, by: ({ slots }) => slots, cell: ({ slots }) => count(slots) },
  { name: 'Done', number: true, by: ({ complete }) => complete, cell: ({ complete }) => count(complete) },
  { name: 'Failed', number: true, by: ({ failed }) => failed, cell: ({ failed }) => count(failed) },
  { name: 'Retried', number: true, by: ({ retried }) => retried, cell: ({ retried }) => count(retried) },
  {
    name: 'Load',
    number: true,
    by: ({ load }) => load,
    cell: (worker) => <Heard worker={worker}>{percent(worker.load)}</Heard>,
  },
  {
    name: 'Memory',
    number: true,
    by: ({ memoryBytes }) => memoryBytes,
    cell: (worker) => <Heard worker={worker}>{bytes(worker.memoryBytes)}</Heard>,
  },
  { name: 'Version', by: ({ version }) => version, cell: ({ version }) => <bdi>{version}</bdi> },
  {
    name: 'Started',
    number: true,
    by: ({ startedAt }) => -startedAt,
    cell: ({ startedAt }) => <Ago at={startedAt} />,
  },
  {
    name: 'Last beat',
    number: true,
    by: ({ lastBeatAt }) => -lastBeatAt,
    cell: ({ lastBeatAt }) => <Ago at={lastBeatAt} />,
  },
];

/** What is true of a worker that is there, and was true of one that is not. */
function Heard({ worker, children }: { readonly worker: WorkerView; readonly children: string }) {
  if (worker.state !== 'offline') return <>{children}</>;
  return (
    <span class="quiet" title="when it was last heard">
      was {children}
    </span>
  );
}

/** Where it runs; its id is on its own page. */
function WorkerName({ worker }: { readonly worker: WorkerView }) {
  const { id, hostname, pid } = worker;
  return (
    <a href={address(['workers', id])} title={visibleText(id)}>
      <bdi>{visibleText(hostname)}</bdi> <span class="quiet">pid {pid}</span>
    </a>
  );
}

/** The fleet. */
export function WorkersPage({ route }: { readonly route: Route }) {
  const reading = useLive<WorkersView>('workers');
  const { value: overview } = useLive<Overview>('overview');
  const state = route.query.get('state') ?? '';
  const sorting = parseSorting(route.query.get('sort'));
  const show = (changed: { state?: string; sort?: string }): void =>
    restate(address(['workers'], { state, sort: route.query.get('sort') ?? '', ...changed }));
  return (
    <>
      <Title name="Workers" />
      {overview !== undefined && <Standstill overview={overview} resumes={false} />}
      <Loaded reading={reading}>
        {({ workers }) =>
          workers.length === 0 ? (
            <FirstWorker />
          ) : (
            <>
              <div class="bar">
                <label>
                  State{' '}
                  <select
                    data-filter
                    value={state}
                    onChange={(event) => show({ state: event.currentTarget.value })}
                  >
                    <option value="">all</option>
                    {STATES.map((each) => (
                      <option key={each} value={each}>
                        {each}
                      </option>
                    ))}
                  </select>
                </label>
                <Told workers={workers} />
                <ForAll />
              </div>
              <Fleet workers={workers} state={state} sorting={sorting} onSort={(sort) => show({ sort })} />
            </>
          )
        }
      </Loaded>
    </>
  );
}

function Told({ workers }: WorkersView) {
  const there = workers.filter(({ state }) => state !== 'offline');
  const slots = there.reduce((sum, worker) => sum + worker.slots, 0);
  const running = there.reduce((sum, worker) => sum + worker.running, 0);
  return (
    <span class="quiet">
      {counted(workers.length, 'worker')}, {count(running)} of {counted(slots, 'slot')} busy
      <Term of="slot" />
    </span>
  );
}

function Fleet({
  workers,
  state,
  sorting,
  onSort,
}: WorkersView & {
  readonly state: string;
  readonly sorting: Sorting | undefined;
  readonly onSort: (sort: string) => void;
}) {
  const columns = columnsOf(useLateMs());
  const shown = workers.filter((worker) => state === '' || worker.state === state);
  if (shown.length === 0) return <p class="empty">No worker is {state} now.</p>;
  return (
    <Table
      caption="Workers"
      columns={columns}
      rows={sorted(shown, columns, sorting)}
      keyOf={({ id }) => id}
      sorting={sorting}
      onSort={(column) => onSort(sorting?.column === column && !sorting.descending ? `-${column}` : column)}
      rowClass={(worker) => (worker.state === 'offline' ? 'away' : '')}
    />
  );
}

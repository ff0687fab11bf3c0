import type { Overview } from '../../src/views/index.ts';
import { Loaded } from '../components/loaded.tsx';
import { Stat } from '../components/stat.tsx';
import { Term } from '../components/term.tsx';
import { Since } from '../components/time.tsx';
import { Title } from '../components/title.tsx';
import { idleWords } from '../fleet-words.ts';
import { clockMinute, count, counted, percent, sum } from '../format.ts';
import { useLive } from '../use-live.ts';
import { Budget } from './budget.tsx';
import { Failures } from './failures.tsx';
import { FirstJob, FirstWorker } from './first-steps.tsx';
import { Latency, Throughput } from './last-hour.tsx';
import { Standstill } from './standstill.tsx';

/** Everything at a glance. */
export function OverviewPage() {
  const reading = useLive<Overview>('overview');
  return (
    <>
      <Title name="Overview" mark={newlyFailed(reading.value) > 0 ? 'Failing' : ''} />
      <Loaded reading={reading}>
        {(overview) => (
          <>
            <Standstill overview={overview} />
            <Numbers overview={overview} />
            <Steps overview={overview} />
            <div class="columns">
              <Throughput minutes={overview.minutes} />
              <Latency minutes={overview.minutes} />
            </div>
            <Budget buckets={overview.budget} />
            <Failures groups={overview.failures} />
          </>
        )}
      </Loaded>
    </>
  );
}

/** The minute that is under way and the one before, so that what has just happened counts at once. */
function Numbers({ overview }: { readonly overview: Overview }) {
  const { waiting, running, complete, failed, oldestAt, liveJobs, slots, workers, minutes } = overview;
  const newest = minutes.slice(-2);
  const since = newest[0] === undefined ? '' : ` since ${clockMinute(newest[0].at)}`;
  const failures = newlyFailed(overview);
  const working = workers.online + workers.paused + workers.draining;
  return (
    <dl class="stats">
      <Stat name="Waiting" value={count(waiting)}>
        {oldestAt === null ? (
          'no live job'
        ) : (
          <>
            {counted(liveJobs, 'live job')}, oldest <Since at={oldestAt} />
          </>
        )}
      </Stat>
      <Stat name="Running" value={count(running)} tone={working === 0 && waiting > 0 ? 'bad' : ''}>
        {working === 0 ? 'no worker' : `of ${counted(slots, 'slot')}, ${counted(working, 'worker')}`}
        {idleWords(workers)}
        {working > 0 && <Term of="slot" />}
      </Stat>
      <Stat name="Complete" value={count(complete)}>
        {`${count(sum(newest.map((minute) => minute.complete)))}${since}`}
      </Stat>
      <Stat name="Failed" value={count(failed)} tone={failures > 0 ? 'bad' : ''}>
        {complete + failed > 0 && `${percent(failed / (complete + failed))} of all outcomes, `}
        {`${count(failures)}${since}`}
      </Stat>
    </dl>
  );
}

function newlyFailed(overview: Overview | undefined): number {
  return sum((overview?.minutes ?? []).slice(-2).map((minute) => minute.failed));
}

/** What to do when there is nothing yet. */
function Steps({ overview }: { readonly overview: Overview }) {
  const { workers, liveJobs, complete, failed } = overview;
  const known = workers.online + workers.paused + workers.draining + workers.offline;
  if (known === 0) return <FirstWorker />;
  return liveJobs + complete + failed === 0 ? <FirstJob /> : null;
}

import type { Overview, QueueView } from '../../src/views/index.ts';
import { Loaded } from '../components/loaded.tsx';
import { Facts, Stat } from '../components/stat.tsx';
import { Term } from '../components/term.tsx';
import { Since, Until } from '../components/time.tsx';
import { Title } from '../components/title.tsx';
import { bytes, count, counted } from '../format.ts';
import { address } from '../router.ts';
import { useLive, useNow } from '../use-live.ts';
import type { Word } from '../words.ts';
import { QueueActions } from './queue-actions.tsx';
import { Standstill } from './standstill.tsx';

/** What waits and what is held. */
export function QueuePage() {
  const reading = useLive<QueueView>('queue');
  const { value: overview } = useLive<Overview>('overview');
  return (
    <>
      <Title name="Queue" />
      <Loaded reading={reading}>
        {(queue) => (
          <>
            {overview !== undefined && <Standstill overview={overview} />}
            <Depth queue={queue} />
            <QueueActions paused={queue.paused} />
            <Totals queue={queue} />
          </>
        )}
      </Loaded>
    </>
  );
}

function Depth({ queue }: { readonly queue: QueueView }) {
  const { waiting, delayed, nextDelayedAt, leases, overdue, oldestAt, liveJobs, paused } = queue;
  return (
    <dl class="stats">
      <Stat name="Waiting" value={count(waiting)}>
        uploads nobody holds
      </Stat>
      <Stat name="Of those, to be taken up later" value={count(delayed)}>
        handed back
        {delayed > 0 && (
          <>
            , <First at={nextDelayedAt} />
          </>
        )}
      </Stat>
      <Stat name="Leases" term="lease" value={count(leases)} tone={overdue > 0 ? 'warn' : ''}>
        {overdue === 0 ? 'none overdue' : `${count(overdue)} overdue, to be claimed by another worker`}
        <Term of="overdue" />
      </Stat>
      <Stat name="Oldest unfinished job" value={oldestAt === null ? '–' : <Since at={oldestAt} />}>
        {counted(liveJobs, 'live job')}
        {paused.jobs > 0 && (
          <>
            , <a href={address(['jobs'], { paused: 'true' })}>{counted(paused.jobs, 'job')} paused</a>
          </>
        )}
      </Stat>
    </dl>
  );
}

function First({ at }: { readonly at: number | null }) {
  const now = useNow();
  if (at === null || at <= now) return <>the first is due now</>;
  return (
    <>
      the first in <Until at={at} />
    </>
  );
}

function Totals({ queue }: { readonly queue: QueueView }) {
  return (
    <section class="card" aria-label="Since the store was made">
      <header>
        <h2>Since the store was made</h2>
      </header>
      <Facts
        of={[
          ['Retried', `${count(queue.retried)} attempts`],
          ['Leases that ran out', count(queue.leasesExpired)],
          ['Settles that came too late', explained(queue.settlesLost, 'settle')],
          ['Possibly twice at the host', explained(queue.possiblyDuplicated, 'possibly twice')],
          ['Same bytes, link reused', explained(queue.reused, 'reused')],
          ['Uploaded', bytes(queue.bytes)],
        ]}
      />
    </section>
  );
}

function explained(value: number, word: Word) {
  return (
    <span key={word}>
      {count(value)}
      <Term of={word} />
    </span>
  );
}

import type { ComponentChildren } from 'preact';

import type { HeldView, WorkerView } from '../../src/views/index.ts';
import { CopyButton } from '../components/copy-button.tsx';
import { Loaded } from '../components/loaded.tsx';
import { LongText } from '../components/long-text.tsx';
import { Facts } from '../components/stat.tsx';
import { Table } from '../components/table.tsx';
import { Term } from '../components/term.tsx';
import { Ago, Since, When } from '../components/time.tsx';
import { Title } from '../components/title.tsx';
import { bytes, count, counted, duration, percent } from '../format.ts';
import { address } from '../router.ts';
import { useLive } from '../use-live.ts';
import { visibleText } from '../visible-text.ts';
import { Steer } from './steer-worker.tsx';
import { useLateMs, WorkerState } from './worker-state.tsx';

/** One worker, and what it holds at this moment. */
export function WorkerPage({ id }: { readonly id: string }) {
  const reading = useLive<WorkerView>(`workers/${encodeURIComponent(id)}`);
  /** What is missing now may have been seen before. */
  const wasDraining = reading.value?.state === 'draining';
  return (
    <>
      <p class="trail">
        <a href={address(['workers'])}>Workers</a>
      </p>
      <div class="titled">
        <Title name={`Worker ${visibleText(id)}`}>
          Worker <bdi class="code">{visibleText(id)}</bdi>
        </Title>
        <CopyButton text={id} what="the id of the worker" />
      </div>
      <Loaded
        reading={reading}
        missing={
          <>
            <h2>{wasDraining ? 'It was drained' : 'No such worker'}</h2>
            <p>
              {wasDraining
                ? 'The worker has stopped for good. What it had not finished it has handed back.'
                : 'It has stopped in good order, or it was silent for ten minutes and has been forgotten.'}
            </p>
          </>
        }
      >
        {(worker) => (
          <>
            <Steer worker={worker} />
            <About worker={worker} />
            <Holds worker={worker} holds={worker.holds ?? []} />
          </>
        )}
      </Loaded>
    </>
  );
}

function About({ worker }: { readonly worker: WorkerView }) {
  const lateMs = useLateMs();
  const isGone = worker.state === 'offline';
  /** What it told last is no more than that. */
  const heard = (name: string, value: ComponentChildren) =>
    [
      isGone ? `${name} when it was last heard` : name,
      <span key={name} class={isGone ? 'quiet' : ''}>
        {value}
      </span>,
    ] as const;
  return (
    <Facts
      of={[
        [
          'State',
          <span key="state">
            <WorkerState worker={worker} lateMs={lateMs} />
            {worker.state === 'draining' && <Term of="draining" />}
          </span>,
        ],
        ['Host', <bdi key="host">{visibleText(worker.hostname)}</bdi>],
        ['Process', `pid ${worker.pid}`],
        ['Version', <bdi key="version">{visibleText(worker.version)}</bdi>],
        heard(
          'Running',
          <>
            {`${count(worker.running)} of ${counted(worker.slots, 'slot')}`}
            <Term of="slot" />
          </>,
        ),
        ['Done', count(worker.complete)],
        ['Failed', count(worker.failed)],
        ['Retried', count(worker.retried)],
        heard(
          'Load',
          <>
            {percent(worker.load)}
            <Term of="load" />
          </>,
        ),
        heard('Memory', bytes(worker.memoryBytes)),
        ['Started', <When key="started" at={worker.startedAt} />],
        [
          'Last beat',
          <span key="beat">
            <Ago at={worker.lastBeatAt} />
            <Term of="beat" />
          </span>,
        ],
      ]}
    />
  );
}

function Holds({ worker, holds }: { readonly worker: WorkerView; readonly holds: readonly HeldView[] }) {
  const isGone = worker.state === 'offline';
  const name = isGone ? 'What it held' : 'What it holds';
  return (
    <section class={isGone ? 'card away' : 'card'} aria-label={name}>
      <header>
        <h2>{name}</h2>
        <span class="quiet">{isGone ? 'when it was last heard' : 'as of its last beat'}</span>
      </header>
      {holds.length === 0 ? (
        <p class="quiet">{isGone ? 'Nothing.' : 'Nothing at this moment.'}</p>
      ) : (
        <Table
          caption="Uploads that this worker works on"
          rows={holds}
          keyOf={({ jobId, index }) => `${jobId}/${index}`}
          columns={[
            {
              name: 'Upload',
              heads: true,
              cell: ({ jobId, index }) => (
                <a class="nowrap" href={address(['jobs', jobId])} title={jobId}>
                  <bdi class="code">{jobId.slice(0, 8)}</bdi> #{index}
                </a>
              ),
            },
            {
              name: 'URL',
              wide: true,
              cell: ({ url, index }) => <LongText text={url} what={`the URL of upload ${index}`} address />,
            },
            { name: 'Attempt', term: 'attempt', number: true, cell: ({ attempt }) => count(attempt) },
            {
              name: 'For',
              number: true,
              cell: ({ since }) => (isGone ? duration(worker.lastBeatAt - since) : <Since at={since} />),
            },
          ]}
        />
      )}
    </section>
  );
}

import type { JobPageView } from '../../src/views/index.ts';
import { CopyButton } from '../components/copy-button.tsx';
import { JobBar } from '../components/job-bar.tsx';
import { Loaded } from '../components/loaded.tsx';
import { LongText } from '../components/long-text.tsx';
import { Facts } from '../components/stat.tsx';
import { Since, When } from '../components/time.tsx';
import { Title } from '../components/title.tsx';
import { count } from '../format.ts';
import { address, type Route } from '../router.ts';
import { useLive } from '../use-live.ts';
import { visibleText } from '../visible-text.ts';
import { DeleteHashes } from './delete-hashes.tsx';
import { JobActions } from './job-actions.tsx';
import { JobStatus, took } from './jobs.tsx';
import { JobStandstill } from './standstill.tsx';
import { Uploads, useUploads } from './uploads.tsx';

/** One job: how far it is, what it asks for, and its uploads. */
export function JobPage({ route }: { readonly route: Route }) {
  const { id } = route;
  const reading = useLive<JobPageView>(`jobs/${encodeURIComponent(id)}`);
  // Asked for together with the job, so that one connection is opened for both.
  const uploads = useUploads(route);
  return (
    <>
      <p class="trail">
        <a href={address(['jobs'])}>Jobs</a>
      </p>
      <div class="titled">
        <Title name={`Job ${visibleText(id)}`}>
          Job <bdi class="code">{visibleText(id)}</bdi>
        </Title>
        <CopyButton text={id} what="the id of the job" />
      </div>
      <Loaded reading={reading} missing={<Missing />}>
        {(job) => (
          <>
            {job.waiting > 0 && job.running === 0 && <JobStandstill job={job} />}
            <JobActions job={job} />
            <Counts job={job} />
            <About job={job} />
            <Uploads job={job} route={route} reading={uploads} />
            {job.complete > 0 && <DeleteHashes key={id} jobId={id} />}
          </>
        )}
      </Loaded>
    </>
  );
}

function Missing() {
  return (
    <>
      <h2>No job has this id</h2>
      <p>
        Look whether the id is complete. A job that finished is forgotten after a while, by default after 7
        days, and with it all that was known of it.
      </p>
    </>
  );
}

function Counts({ job }: { readonly job: JobPageView }) {
  return (
    <section class="card counts" aria-label="Progress">
      <JobBar job={job} />
      <dl>
        {(['complete', 'failed', 'running', 'waiting'] as const).map((part) => (
          <div key={part}>
            <dt>
              <i class={`swatch part-${part}`} aria-hidden="true" /> {part}
            </dt>
            <dd>{count(job[part])}</dd>
          </div>
        ))}
        <div>
          <dt>total</dt>
          <dd>{count(job.total)}</dd>
        </div>
      </dl>
    </section>
  );
}

function About({ job }: { readonly job: JobPageView }) {
  const { title, description, metadata, startedAt, finishedAt } = job;
  const given = ([name, text]: readonly [string, string | null]) =>
    text === null
      ? []
      : [[name, <LongText key={name} text={text} what={`the ${name.toLowerCase()}`} />] as const];
  const running = startedAt !== null && finishedAt === null;
  return (
    <Facts
      of={[
        ['Status', <JobStatus key="status" job={job} />],
        ['Host', <bdi key="host">{visibleText(job.host)}</bdi>],
        ['Created', <When key="created" at={job.createdAt} />],
        ['Started', <When key="started" at={startedAt} />],
        ['Finished', <When key="finished" at={finishedAt} />],
        [
          running ? 'Running for' : 'Took',
          running ? <Since key="for" at={startedAt} /> : took(startedAt, finishedAt),
        ],
        ...(job.possiblyDuplicated > 0
          ? [['Possibly twice at the host', count(job.possiblyDuplicated)] as const]
          : []),
        ...given(['Title', title]),
        ...given(['Description', description]),
        ...(metadata === null || metadata === undefined ? [] : given(['Metadata', JSON.stringify(metadata)])),
      ]}
    />
  );
}

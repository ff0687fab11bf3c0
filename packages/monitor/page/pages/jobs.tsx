import type { JobsView, JobView } from '../../src/views/index.ts';
import { JobBar } from '../components/job-bar.tsx';
import { Loaded } from '../components/loaded.tsx';
import { Pager } from '../components/pager.tsx';
import { Status } from '../components/status.tsx';
import { Table } from '../components/table.tsx';
import { When } from '../components/time.tsx';
import { Title } from '../components/title.tsx';
import { count, duration, fullMoment } from '../format.ts';
import { address, queryText, type Route } from '../router.ts';
import { useLive } from '../use-live.ts';
import { depth, navigate, restate } from '../use-route.ts';
import { visibleText } from '../visible-text.ts';
import { FirstJob } from './first-steps.tsx';
import { JobFilters } from './job-filters.tsx';

const PAGE_LENGTH = '50';
const FILTERS = ['status', 'failed', 'paused', 'from', 'before'];

/** The jobs, newest first. */
export function JobsPage({ route }: { readonly route: Route }) {
  const asked = Object.fromEntries(route.query);
  const filters = Object.fromEntries(FILTERS.map((name) => [name, asked[name]]));
  const filtered = FILTERS.some((name) => (asked[name] ?? '') !== '');
  const cursor = asked.cursor ?? '';
  const reading = useLive<JobsView>(`jobs${queryText({ ...filters, cursor, limit: PAGE_LENGTH })}`);
  return (
    <>
      <Title name="Jobs" />
      <JobFilters
        filters={filters}
        onFilter={(changed) => restate(address(['jobs'], { ...filters, ...changed }))}
      />
      <Loaded reading={reading} missing={<WrongCursor />}>
        {({ jobs, next }) => {
          const nextAddress = next === null ? undefined : address(['jobs'], { ...filters, cursor: next });
          if (jobs.length === 0 && next === null && cursor === '')
            return filtered ? (
              <p class="empty">No job is like that. Take a filter away to see more.</p>
            ) : (
              <FirstJob />
            );
          return (
            <>
              {jobs.length > 0 && <Jobs jobs={jobs} />}
              {filtered && nextAddress !== undefined && jobs.length < Number(PAGE_LENGTH) && (
                <Short jobs={jobs} next={nextAddress} />
              )}
              <Pager
                what="jobs"
                next={nextAddress}
                first={address(['jobs'], filters)}
                atFirst={cursor === ''}
              />
            </>
          );
        }}
      </Loaded>
    </>
  );
}

/** A page of a filter looks back only so far at once, so that it is there soon. */
function Short({ jobs, next }: { readonly jobs: readonly JobView[]; readonly next: string }) {
  const last = jobs.at(-1);
  return (
    <p class="empty short">
      {last === undefined
        ? 'None so far, and there are older jobs. '
        : `Looked back to ${fullMoment(last.createdAt)} and further; there are older jobs. `}
      <button type="button" onClick={() => navigate(next, depth() + 1)}>
        Continue with older jobs
      </button>
    </p>
  );
}

function WrongCursor() {
  return (
    <>
      <h2>This page of the list is not there</h2>
      <p>
        <a href={address(['jobs'])}>Begin with the newest jobs</a>
      </p>
    </>
  );
}

function Jobs({ jobs }: { readonly jobs: readonly JobView[] }) {
  return (
    <Table
      caption="Jobs, newest first"
      rows={jobs}
      keyOf={({ id }) => id}
      columns={[
        {
          name: 'Job',
          heads: true,
          cell: ({ id }) => (
            <a class="code id" href={address(['jobs', id])} title={id}>
              <bdi>{shortId(id)}</bdi>
            </a>
          ),
        },
        { name: 'Status', cell: (job) => <JobStatus job={job} /> },
        { name: 'Progress', wide: true, cell: (job) => <Progress job={job} /> },
        { name: 'Failed', number: true, cell: ({ failed }) => <Failed count={failed} /> },
        { name: 'Host', cell: ({ host }) => <bdi>{host}</bdi> },
        { name: 'Created', line: true, cell: ({ createdAt }) => <When at={createdAt} /> },
        { name: 'Took', number: true, cell: ({ startedAt, finishedAt }) => took(startedAt, finishedAt) },
      ]}
    />
  );
}

/** A UUID is shown whole; an application may have given longer ids. */
function shortId(id: string): string {
  return visibleText(id.length > 40 ? `${id.slice(0, 40)}…` : id);
}

function Failed({ count: failed }: { readonly count: number }) {
  return failed === 0 ? <span class="quiet">0</span> : <Status of="failed">{count(failed)}</Status>;
}

function Progress({ job }: { readonly job: JobView }) {
  return (
    <span class="progress">
      <JobBar job={job} />
      <span class="nowrap">
        {count(job.complete + job.failed)}
        <span class="quiet">/{count(job.total)}</span>
      </span>
    </span>
  );
}

/** Its status, and what holds it up. */
export function JobStatus({ job }: { readonly job: JobView }) {
  const [of, words] = ending(job);
  return (
    <span class="statuses">
      <Status of={of}>{words}</Status>
      {job.pausedBy.length > 0 && job.status !== 'complete' && (
        <Status of="paused">{job.pausedBy.includes('job') ? 'paused' : `${job.pausedBy[0]} paused`}</Status>
      )}
    </span>
  );
}

/** Complete is a job when each of its uploads has an outcome, whichever that is. */
function ending({ cancelled, status, failed, total }: JobView): readonly [of: string, words?: string] {
  if (cancelled) return ['cancelled'];
  if (status !== 'complete' || failed === 0) return [status];
  return failed === total
    ? ['failed', 'complete, all failed']
    : ['warning', `complete, ${count(failed)} failed`];
}

export function took(startedAt: number | null, finishedAt: number | null): string {
  return duration(startedAt === null || finishedAt === null ? null : finishedAt - startedAt);
}

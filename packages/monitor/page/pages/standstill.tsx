import type { BucketView, JobPageView, Overview } from '../../src/views/index.ts';
import { budgetWords } from '../budget-words.ts';
import { Banner } from '../components/banner.tsx';
import { Until } from '../components/time.tsx';
import { clockTime } from '../format.ts';
import { useLive, useMayWrite, useNow } from '../use-live.ts';
import { visibleText } from '../visible-text.ts';
import { reasonText } from './budget.tsx';
import { ResumeAll } from './fleet-actions.tsx';

/** Why uploads wait although nobody has paused the queue: no worker takes any, or a host allows none. */
export function Standstill({
  overview,
  host,
  resumes = true,
}: {
  readonly overview: Overview;
  /** As far as it concerns what goes there; without one, everywhere. */
  readonly host?: string;
  /** Whether to offer it; the page may do so itself. */
  readonly resumes?: boolean;
}) {
  const mayWrite = useMayWrite();
  const now = useNow();
  const { online, paused, draining } = overview.workers;
  const shut = overview.budget.filter(
    ({ name, remaining, resetsAt }) =>
      remaining <= 0 && resetsAt > now && (host === undefined || hostOf(name) === host),
  );
  const gone = overview.waiting > 0 && online + paused + draining === 0;
  const idle = paused > 0 && online + draining === 0;
  if (!idle && !gone && shut.length === 0) return null;
  return (
    <section aria-label="Why uploads wait" class="reasons">
      {gone && (
        <Banner of="warning" strong="No worker is there.">
          Uploads wait until one starts, and nothing fails.
        </Banner>
      )}
      {idle && (
        <Banner of="paused" strong="All workers are paused." action={resumes && mayWrite && <ResumeAll />}>
          Uploads wait, and nothing fails.
        </Banner>
      )}
      {shut.map((bucket) => (
        <Shut key={bucket.name} bucket={bucket} />
      ))}
    </section>
  );
}

/** Why a job waits of which nothing runs. It is looked at only then. */
export function JobStandstill({ job }: { readonly job: JobPageView }) {
  const { value: overview } = useLive<Overview>('overview');
  return overview === undefined ? null : <Standstill overview={overview} host={job.host} />;
}

/** The name of a limit begins with that of its host. */
function hostOf(limit: string): string {
  return limit.split(':')[0] ?? '';
}

/** The seconds that pass are not for a screen reader. */
function Shut({ bucket: { name, reason, resetsAt } }: { readonly bucket: BucketView }) {
  const words = budgetWords(name);
  return (
    <Banner
      of="paused"
      strong={
        <>
          <bdi>{visibleText(hostOf(name))}</bdi> allows nothing more until {clockTime(resetsAt)}
          <span aria-hidden="true">
            {' '}
            (in <Until at={resetsAt} />)
          </span>
          :
        </>
      }
    >
      {reason !== null && `${reasonText(reason)}; `}uploads that need{' '}
      <bdi class="code">{visibleText(name)}</bdi>
      {words !== undefined && ` (${words})`} wait, and nothing fails.
    </Banner>
  );
}

import type { JobPageView } from '../../src/views/index.ts';
import { ActionButton } from '../components/action-button.tsx';
import { counted } from '../format.ts';
import { useMayWrite } from '../use-live.ts';
import { RetryButton } from './retry-button.tsx';

/** What can be done to a job. */
export function JobActions({ job }: { readonly job: JobPageView }) {
  if (!useMayWrite()) return null;
  const path = `jobs/${encodeURIComponent(job.id)}`;
  const finished = job.status === 'complete';
  if (finished && job.failed === 0) return null;
  return (
    <section class="bar" aria-label="Steer this job">
      {!finished && <PauseButton job={job} path={path} />}
      {job.failed > 0 && <RetryButton job={job} />}
      {!finished && <CancelButton job={job} path={path} />}
    </section>
  );
}

interface Steered {
  readonly job: JobPageView;
  readonly path: string;
}

function PauseButton({ job, path }: Steered) {
  return job.pausedBy.includes('job') ? (
    <ActionButton label="Resume job" path={`${path}/resume`} done={() => 'The job goes on.'} />
  ) : (
    <ActionButton
      label="Pause job"
      path={`${path}/pause`}
      done={() => 'The job is paused. What runs already is finished.'}
    />
  );
}

function CancelButton({ job, path }: Steered) {
  const open = job.waiting + job.running;
  return (
    <ActionButton
      label="Cancel job"
      path={`${path}/cancel`}
      done={() => 'The job is cancelled.'}
      question={{
        title: 'Cancel this job?',
        confirm: 'Cancel the job',
        danger: true,
        told: (
          <p>
            {open === 1 ? '1 upload has' : `${counted(open, 'upload')} have`} no outcome yet and will fail
            with the code <code>cancelled</code>. Links that are there stay. It can be undone in part only: by
            a retry of what failed.
          </p>
        ),
      }}
    />
  );
}

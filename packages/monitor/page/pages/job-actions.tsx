import type { JobPageView } from '../../src/views/index.ts';
import { ActionButton, ConfirmedButton } from '../components/action-button.tsx';
import { counted } from '../format.ts';
import { live, useMayWrite } from '../use-live.ts';
import { RetryButton } from './retry-button.tsx';

/** What can be done to a job. */
export function JobActions({ job }: { readonly job: JobPageView }) {
  if (!useMayWrite()) return null;
  const path = `jobs/${encodeURIComponent(job.id)}`;
  const show = (changed: JobPageView): void => live.put(path, changed);
  const open = job.waiting + job.running;
  const finished = job.status === 'complete';
  if (finished && job.failed === 0) return null;
  return (
    <section class="bar" aria-label="Steer this job">
      {!finished &&
        (job.pausedBy.includes('job') ? (
          <ActionButton
            label="Resume job"
            path={`${path}/resume`}
            onDone={show}
            done={() => 'The job goes on.'}
          />
        ) : (
          <ActionButton
            label="Pause job"
            path={`${path}/pause`}
            onDone={show}
            done={() => 'The job is paused. What runs already is finished.'}
          />
        ))}
      {job.failed > 0 && <RetryButton job={job} onDone={show} />}
      {!finished && (
        <ConfirmedButton<JobPageView>
          label="Cancel job"
          title="Cancel this job?"
          confirm="Cancel the job"
          danger
          path={`${path}/cancel`}
          onDone={show}
          done={() => 'The job is cancelled.'}
        >
          <p>
            {open === 1 ? '1 upload has' : `${counted(open, 'upload')} have`} no outcome yet and will fail
            with the code <code>cancelled</code>. Links that are there stay. It can be undone in part only: by
            a retry of what failed.
          </p>
        </ConfirmedButton>
      )}
    </section>
  );
}

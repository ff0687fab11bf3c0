import { ActionButton } from '../components/action-button.tsx';
import { counted } from '../format.ts';
import { useMayWrite } from '../use-live.ts';

/** Steers every worker. */
export function ForAll() {
  if (!useMayWrite()) return null;
  return (
    <span class="actions">
      <ActionButton
        label="Pause all workers"
        path="workers/all/pause"
        done={told}
        question={{
          title: 'Pause all workers?',
          confirm: 'Pause them',
          told: (
            <p>
              Each finishes what it has and takes no more uploads until it is resumed. Jobs are still
              accepted. A worker that starts later works.
            </p>
          ),
        }}
      />
      <ResumeAll />
    </span>
  );
}

export function ResumeAll() {
  return <ActionButton label="Resume all workers" path="workers/all/resume" done={told} />;
}

function told({ told: count }: { readonly told: number }): string {
  return `${counted(count, 'worker')} told. Each does so with its next beats.`;
}

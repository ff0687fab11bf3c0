import { count } from '../format.ts';

interface Counts {
  readonly total: number;
  readonly complete: number;
  readonly failed: number;
  readonly running: number;
  readonly waiting: number;
}

/** How far a job is, in proportion. */
export function JobBar({ job }: { readonly job: Counts }) {
  const parts = (['complete', 'failed', 'running', 'waiting'] as const).filter((part) => job[part] > 0);
  const told = parts.map((part) => `${count(job[part])} ${part}`).join(', ');
  return (
    <span class="job-bar" role="img" aria-label={`${told} of ${count(job.total)}`} title={told}>
      {parts.map((part) => (
        <span key={part} class={`part-${part}`} style={{ flexGrow: job[part] }} />
      ))}
    </span>
  );
}

/** How much is left of something. */
export function Gauge({ share, tone }: { readonly share: number; readonly tone: 'accent' | 'warn' | 'bad' }) {
  return (
    <span class="gauge" aria-hidden="true">
      <span class={`fill-${tone}`} style={{ width: `${Math.min(1, Math.max(0, share)) * 100}%` }} />
    </span>
  );
}

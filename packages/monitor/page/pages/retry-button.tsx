import { useEffect, useState } from 'preact/hooks';

import type { JobPageView, UploadsView } from '../../src/views/index.ts';
import { readOnce } from '../actions.ts';
import { ActionButton } from '../components/action-button.tsx';
import { count, counted } from '../format.ts';

interface Codes {
  readonly counts: ReadonlyMap<string, number>;
  readonly looked: number;
}

/** Tries failed uploads once more: all, or those with some codes. */
export function RetryButton({ job }: { readonly job: JobPageView }) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const path = `jobs/${encodeURIComponent(job.id)}`;
  return (
    <ActionButton<JobPageView>
      label="Retry failed"
      path={`${path}/retry`}
      body={() => (chosen.size === 0 ? {} : { codes: [...chosen] })}
      done={({ waiting }) =>
        `They wait for their turn again; ${counted(waiting, 'upload')} of the job are waiting.`
      }
      question={{
        title: 'Retry failed uploads?',
        confirm: chosen.size === 0 ? 'Retry all failed' : 'Retry the chosen',
        told: (
          <>
            <p>
              {counted(job.failed, 'upload')} of this job failed. Retried are all of them, or only those with
              the codes that you choose.
            </p>
            <Choice path={path} failed={job.failed} chosen={chosen} onChoose={setChosen} />
          </>
        ),
      }}
    />
  );
}

function Choice({
  path,
  failed,
  chosen,
  onChoose,
}: {
  readonly path: string;
  readonly failed: number;
  readonly chosen: ReadonlySet<string>;
  readonly onChoose: (codes: ReadonlySet<string>) => void;
}) {
  const codes = useCodes(path);
  useEffect(() => onChoose(new Set()), []);
  if (codes === undefined || codes.counts.size === 0) return null;
  const toggle = (code: string, on: boolean): void =>
    onChoose(new Set(on ? [...chosen, code] : [...chosen].filter((each) => each !== code)));
  return (
    <fieldset>
      <legend>Only those that failed with</legend>
      {[...codes.counts].map(([code, times]) => (
        <label key={code}>
          <input
            type="checkbox"
            checked={chosen.has(code)}
            onChange={(event) => toggle(code, event.currentTarget.checked)}
          />{' '}
          <span class="code">{code}</span> <span class="quiet">{count(times)}</span>
        </label>
      ))}
      {codes.looked < failed && <p class="quiet">Codes of the first {count(codes.looked)} that failed.</p>}
    </fieldset>
  );
}

/** The codes that occur, as far as one page of failed uploads tells. */
function useCodes(path: string): Codes | undefined {
  const [codes, setCodes] = useState<Codes | undefined>();
  useEffect(() => {
    void readOnce<UploadsView>(`${path}/uploads?status=failed&limit=100`).then((result) => {
      if (result.status === 'refused') return;
      const { uploads } = result.value;
      const counts = new Map<string, number>();
      for (const { failure } of uploads)
        if (failure !== null) counts.set(failure.code, (counts.get(failure.code) ?? 0) + 1);
      setCodes({ counts, looked: uploads.length });
    });
  }, [path]);
  return codes;
}

import { useEffect, useState } from 'preact/hooks';

import type { JobPageView, UploadsView } from '../../src/views/index.ts';
import { readOnce } from '../actions.ts';
import { ActionButton } from '../components/action-button.tsx';
import { Remedy } from '../components/remedy.tsx';
import { count, counted } from '../format.ts';

interface Code {
  readonly times: number;
  readonly remedy: string;
}

interface Codes {
  readonly byCode: ReadonlyMap<string, Code>;
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
  if (codes === undefined || codes.byCode.size === 0) return null;
  const toggle = (code: string, on: boolean): void =>
    onChoose(new Set(on ? [...chosen, code] : [...chosen].filter((each) => each !== code)));
  return (
    <fieldset>
      <legend>Only those that failed with</legend>
      {[...codes.byCode].map(([code, { times, remedy }]) => (
        <label key={code} class="choice">
          <input
            type="checkbox"
            checked={chosen.has(code)}
            onChange={(event) => toggle(code, event.currentTarget.checked)}
          />{' '}
          <span class="code">{code}</span> <span class="quiet">{count(times)}</span> <Remedy text={remedy} />
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
      const byCode = new Map<string, Code>();
      for (const { failure } of uploads)
        if (failure !== null)
          byCode.set(failure.code, {
            times: (byCode.get(failure.code)?.times ?? 0) + 1,
            remedy: failure.remedy,
          });
      setCodes({ byCode, looked: uploads.length });
    });
  }, [path]);
  return codes;
}

import { useEffect, useRef, useState } from 'preact/hooks';

import type { JobPageView, UploadsView } from '../../src/views/index.ts';
import { readOnce } from '../actions.ts';
import { say } from '../components/said.tsx';
import { count } from '../format.ts';
import { type MappingFormat, mappingOf } from '../mapping.ts';
import { queryText } from '../router.ts';

/** As many as the API gives at once. */
const PAGE_LENGTH = '200';

/** Saves a file of what became of each URL of a job; made here, of pages that anybody who looks may read. */
export function DownloadMapping({ job: { id, total } }: { readonly job: JobPageView }) {
  const [got, setGot] = useState<number | undefined>();
  const running = useRef<AbortController | undefined>(undefined);
  const cancel = (): void => running.current?.abort();
  useEffect(() => cancel, []);
  const download = async (format: MappingFormat): Promise<void> => {
    running.current = new AbortController();
    const { signal } = running.current;
    setGot(0);
    const read = (cursor: string | undefined) =>
      readOnce<UploadsView>(
        `jobs/${encodeURIComponent(id)}/uploads${queryText({ cursor, limit: PAGE_LENGTH })}`,
        signal,
      );
    const result = await mappingOf({ format, read, onProgress: setGot, signal });
    if (result === undefined) return;
    setGot(undefined);
    if (result.status === 'refused') return say(result.sentence, true);
    save(result.value, `mapping-${id.slice(0, 40)}.${format}`);
    say('The mapping is downloaded.');
  };
  const stop = (): void => {
    cancel();
    setGot(undefined);
  };
  if (got !== undefined)
    return (
      <span class="joined">
        <progress max={total} value={got} aria-label="Uploads read" />
        <span class="quiet">
          {count(got)} of {count(total)}
        </span>
        <button type="button" onClick={stop}>
          Cancel download
        </button>
      </span>
    );
  return (
    <span class="joined">
      <span aria-hidden="true">Download mapping</span>
      <button type="button" aria-label="Download mapping as CSV" onClick={() => void download('csv')}>
        CSV
      </button>
      <button
        type="button"
        aria-label="Download mapping as JSON lines"
        onClick={() => void download('jsonl')}
      >
        JSON lines
      </button>
    </span>
  );
}

function save(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  // A download that has begun keeps what it needs.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

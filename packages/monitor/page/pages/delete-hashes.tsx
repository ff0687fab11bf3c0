import { useState } from 'preact/hooks';

import type { DeleteHashesView } from '../../src/views/index.ts';
import { readOnce } from '../actions.ts';
import { CopyButton } from '../components/copy-button.tsx';
import { say } from '../components/said.tsx';
import { Table } from '../components/table.tsx';
import { WebLink } from '../components/web-link.tsx';
import { useMayWrite } from '../use-live.ts';

/** What deletes the images at the host. Asked for on demand, forgotten with the page, never in what is watched. */
export function DeleteHashes({ jobId }: { readonly jobId: string }) {
  const [shown, setShown] = useState<DeleteHashesView['deleteHashes'] | undefined>();
  if (!useMayWrite()) return null;
  const show = async (): Promise<void> => {
    const result = await readOnce<DeleteHashesView>(`jobs/${encodeURIComponent(jobId)}/delete-hashes`);
    if (result.status === 'refused') return say(result.sentence, true);
    setShown(result.value.deleteHashes);
  };
  return (
    <section class="card" aria-label="Delete hashes">
      <header>
        <h2>Delete hashes</h2>
        {shown === undefined ? (
          <button type="button" onClick={() => void show()}>
            Show delete hashes
          </button>
        ) : (
          <button type="button" onClick={() => setShown(undefined)}>
            Hide delete hashes
          </button>
        )}
      </header>
      {shown === undefined ? (
        <p class="quiet">Whoever has them can delete the images at the host.</p>
      ) : shown.length === 0 ? (
        <p class="quiet">None: no image of this job has one.</p>
      ) : (
        <Table
          caption="Delete hashes of this job"
          rows={shown}
          keyOf={({ index }) => index}
          columns={[
            { name: 'No.', heads: true, number: true, cell: ({ index }) => index },
            { name: 'Link', wide: true, cell: ({ link }) => <WebLink address={link} /> },
            {
              name: 'Delete hash',
              cell: ({ index, deleteHash }) => (
                <span class="nowrap">
                  <bdi class="code">{deleteHash}</bdi>{' '}
                  <CopyButton text={deleteHash} what={`the delete hash of upload ${index}`} />
                </span>
              ),
            },
          ]}
        />
      )}
    </section>
  );
}

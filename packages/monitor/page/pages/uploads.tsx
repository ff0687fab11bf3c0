import type { JobPageView, UploadsView, UploadView } from '../../src/views/index.ts';
import { CopyButton } from '../components/copy-button.tsx';
import { Loaded } from '../components/loaded.tsx';
import { LongText } from '../components/long-text.tsx';
import { Pager } from '../components/pager.tsx';
import { Remedy } from '../components/remedy.tsx';
import { Status } from '../components/status.tsx';
import { Table } from '../components/table.tsx';
import { Ago } from '../components/time.tsx';
import { WebLink } from '../components/web-link.tsx';
import { bytes, count, percent } from '../format.ts';
import type { Reading } from '../reading.ts';
import { address, queryText, type Route } from '../router.ts';
import { useLive, useSent } from '../use-live.ts';
import { navigate } from '../use-route.ts';
import { DownloadMapping } from './download-mapping.tsx';
import { took } from './jobs.tsx';

const STATUSES = [
  ['waiting', 'waiting'],
  ['claimed', 'running'],
  ['complete', 'complete'],
  ['failed', 'failed'],
] as const;

export function useUploads({ id, query }: Route): Reading<UploadsView> {
  const asked = { status: query.get('status') ?? '', cursor: query.get('cursor') ?? '', limit: '50' };
  return useLive<UploadsView>(`jobs/${encodeURIComponent(id)}/uploads${queryText(asked)}`);
}

/** The uploads of a job, in the order of its request. */
export function Uploads({
  job,
  route,
  reading,
}: {
  readonly job: JobPageView;
  readonly route: Route;
  readonly reading: Reading<UploadsView>;
}) {
  const { id, query } = route;
  const status = query.get('status') ?? '';
  const cursor = query.get('cursor') ?? '';
  const at = (more: Readonly<Record<string, string>>): string => address(['jobs', id], { status, ...more });
  return (
    <section class="card" aria-label="Uploads">
      <header>
        <h2>Uploads</h2>
        <DownloadMapping job={job} />
        <label>
          Status{' '}
          <select
            data-filter
            value={status}
            onChange={(event) => navigate(at({ status: event.currentTarget.value }))}
          >
            <option value="">all</option>
            {STATUSES.map(([value, word]) => (
              <option key={value} value={value}>
                {word}
              </option>
            ))}
          </select>
        </label>
      </header>
      <Loaded reading={reading} missing={<p>This page of the uploads is not there.</p>}>
        {({ uploads, next }) => (
          <>
            {uploads.length === 0 ? (
              <p class="quiet">
                {next === null
                  ? 'No upload of this job is like that now.'
                  : 'None of the uploads that were looked at is like that. There are more: go on to the next page.'}
              </p>
            ) : (
              <>
                <Remedies uploads={uploads} />
                <Listed jobId={id} uploads={uploads} />
              </>
            )}
            <Pager
              what="uploads"
              next={next === null ? undefined : at({ cursor: next })}
              first={at({})}
              atFirst={cursor === ''}
            />
          </>
        )}
      </Loaded>
    </section>
  );
}

/** What helps against the failures that are shown, once for each code. */
function Remedies({ uploads }: { readonly uploads: readonly UploadView[] }) {
  const remedies = new Map<string, string>();
  for (const { status, failure } of uploads)
    if (status === 'failed' && failure !== null) remedies.set(failure.code, failure.remedy);
  if (remedies.size === 0) return null;
  return (
    <section aria-label="What helps">
      <dl class="remedies">
        {[...remedies].map(([code, remedy]) => (
          <div key={code}>
            <dt class="code">{code}</dt>
            <dd>
              <Remedy text={remedy} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Listed({ jobId, uploads }: { readonly jobId: string; readonly uploads: readonly UploadView[] }) {
  return (
    <Table
      caption="Uploads of this job"
      rows={uploads}
      keyOf={({ index }) => index}
      columns={[
        { name: 'No.', heads: true, number: true, cell: ({ index }) => index },
        { name: 'Image', wide: true, cell: (upload) => <Image upload={upload} /> },
        { name: 'Status', line: true, cell: (upload) => <State jobId={jobId} upload={upload} /> },
        { name: 'Attempts', term: 'attempt', number: true, cell: ({ attempts }) => count(attempts) },
        { name: 'Size', number: true, cell: (upload) => <Size upload={upload} /> },
        {
          name: 'First attempt to end',
          term: 'first attempt to end',
          number: true,
          line: true,
          cell: ({ attempts, startedAt, finishedAt }) => (attempts === 0 ? '–' : took(startedAt, finishedAt)),
        },
        { name: 'Ended', number: true, cell: ({ finishedAt }) => <Ago at={finishedAt} /> },
      ]}
    />
  );
}

/** Where it comes from, as text: a stranger named it. Where it went, as a link. What went wrong. */
function Image({ upload }: { readonly upload: UploadView }) {
  const { index, url, link, failure } = upload;
  return (
    <div class="image">
      <p>
        <LongText text={url} what={`the URL of upload ${index}`} address />{' '}
        <CopyButton text={url} what={`the URL of upload ${index}`} />
      </p>
      {link !== null && (
        <p>
          <span aria-hidden="true">→ </span>
          <span class="unseen">Link: </span>
          <WebLink address={link} />
        </p>
      )}
      {failure !== null && (
        <p class={upload.status === 'failed' ? 'tone-bad' : 'quiet'}>
          {/* What kept it back then need not be what it waits for now. */}
          {upload.status !== 'failed' && 'When it was last looked at: '}
          <span class="code">{failure.code}</span>{' '}
          <LongText text={failure.message} what={`the message of upload ${index}`} />
        </p>
      )}
    </div>
  );
}

function State({ jobId, upload }: { readonly jobId: string; readonly upload: UploadView }) {
  const { status, paused, reused, possiblyDuplicated } = upload;
  return (
    <span class="statuses">
      <Status of={paused ? 'paused' : status} />
      {status === 'claimed' && <Sending jobId={jobId} upload={upload} />}
      {reused && <span class="tag">same bytes, reused</span>}
      {possiblyDuplicated && <span class="tag">possibly twice at the host</span>}
    </span>
  );
}

function Sending({ jobId, upload }: { readonly jobId: string; readonly upload: UploadView }) {
  const { index, attempts } = upload;
  const sent = useSent(jobId, index, attempts);
  if (sent === undefined) return null;
  const { sentBytes, totalBytes } = sent;
  return (
    <span class="sent">
      <progress max={totalBytes} value={sentBytes} aria-label={`Sent of upload ${index}`} />
      <span class="quiet">{percent(totalBytes === 0 ? 1 : sentBytes / totalBytes)}</span>
    </span>
  );
}

function Size({ upload }: { readonly upload: UploadView }) {
  const { bytes: size, type, width, height } = upload;
  if (size === null) return <>–</>;
  return (
    <span>
      <span class="nowrap">{bytes(size)}</span>
      <br />
      <span class="quiet nowrap">
        {type !== null && <bdi>{type.replace(/^image\//, '')}</bdi>}
        {width !== null && height !== null && ` ${width} × ${height}`}
      </span>
    </span>
  );
}

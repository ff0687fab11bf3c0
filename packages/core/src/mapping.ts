import { setImmediate as nextTurn } from 'node:timers/promises';

import type { UploadsOptions } from './check-page.ts';
import { csvRecord } from './csv.ts';
import { StateError } from './errors.ts';
import type { FailureCode } from './failure.ts';
import type { Upload, UploadStatus } from './job.ts';
import type { Store, UploadPage } from './store.ts';

/** What became of one URL of a job. */
export interface MappingEntry {
  /** The old one, as it was handed in. */
  readonly url: string;
  /** The new one, once complete. */
  readonly link: string | null;
  readonly status: UploadStatus;
  /** Why it failed; null unless it has. */
  readonly code: FailureCode | null;
}

const uploadsAPage = 1_000;
const charactersAChunk = 65_536;

/**
 * Reads what became of every URL of a job, in the order of the request; `undefined` when the job is unknown. The first
 * page is read at once, each further one when it is come to; everyone else gets a turn between two.
 */
export async function readMapping(
  store: Store,
  jobId: string,
  options: UploadsOptions,
): Promise<AsyncGenerator<MappingEntry, void, undefined> | undefined> {
  const read = (cursor?: string): Promise<UploadPage | undefined> =>
    store.uploads(jobId, { ...options, limit: uploadsAPage, ...(cursor === undefined ? {} : { cursor }) });
  const first = await read();
  return first === undefined ? undefined : entriesFrom(first, read);
}

async function* entriesFrom(
  first: UploadPage,
  read: (cursor: string) => Promise<UploadPage | undefined>,
): AsyncGenerator<MappingEntry, void, undefined> {
  for (let page = first; ; ) {
    yield* page.items.map(mappingEntry);
    if (page.next === undefined) return;
    await nextTurn();
    const following = await read(page.next);
    // Half a mapping must not be taken for a whole one.
    if (following === undefined) throw new StateError('the job was forgotten while its mapping was read');
    page = following;
  }
}

/** What an upload says of its URL. */
export function mappingEntry({ url, link, status, failure }: Upload): MappingEntry {
  return { url, link, status, code: status === 'failed' ? (failure?.code ?? null) : null };
}

/**
 * Writes a mapping as CSV, piece by piece, with a header: `url`, `link`, `status`, `code`. A link or a code that is not
 * there is an empty field. Records are those of RFC 4180 and made safe for spreadsheets.
 */
export async function* writeMappingCsv(
  mapping: AsyncIterable<MappingEntry> | Iterable<MappingEntry>,
): AsyncGenerator<string, void, undefined> {
  let text = csvRecord(['url', 'link', 'status', 'code']);
  for await (const { url, link, status, code } of mapping) {
    text += csvRecord([url, link ?? '', status, code ?? '']);
    if (text.length < charactersAChunk) continue;
    yield text;
    text = '';
  }
  if (text !== '') yield text;
}

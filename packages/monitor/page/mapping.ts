import type { UploadsView, UploadView } from '../src/views/index.ts';
import type { ActionResult } from './actions.ts';

/** What leads from the source of each image to its link, as a file. */
export type MappingFormat = 'csv' | 'jsonl';

/** What the monitor leaves out of a URL is marked by this. */
const LEFT_OUT = '…';
const NOTE = `where a URL ends with ${LEFT_OUT} the monitor leaves out the rest of it: its query, or what is too long`;
const TYPES = { csv: 'text/csv;charset=utf-8;header=present', jsonl: 'application/jsonl' } as const;

interface Asked {
  readonly format: MappingFormat;
  /** Reads the page that begins there. */
  readonly read: (cursor: string | undefined) => Promise<ActionResult<UploadsView>>;
  /** Told how many uploads are in the file so far. */
  readonly onProgress: (count: number) => void;
  readonly signal: AbortSignal;
}

/**
 * Reads the uploads of a job, page by page, into a file. Each page becomes a Blob at once, which a browser may put on
 * disk. Resolves with undefined when it was cancelled.
 */
export async function mappingOf({
  format,
  read,
  onProgress,
  signal,
}: Asked): Promise<ActionResult<Blob> | undefined> {
  const parts: Blob[] = [];
  let cursor: string | undefined;
  let count = 0;
  let isWhole = true;
  do {
    const result = await read(cursor);
    if (signal.aborted) return undefined;
    if (result.status === 'refused') return result;
    const { uploads, next } = result.value;
    parts.push(new Blob([uploads.map((upload) => line(format, upload)).join('')]));
    isWhole &&= !uploads.some(({ url }) => url.endsWith(LEFT_OUT));
    count += uploads.length;
    onProgress(count);
    cursor = next ?? undefined;
  } while (cursor !== undefined);
  return { status: 'done', value: new Blob([head(format, isWhole), ...parts], { type: TYPES[format] }) };
}

/** Says so where URLs are not whole. A CSV file has no comments, so its first row does. */
function head(format: MappingFormat, isWhole: boolean): string {
  if (format === 'csv') return csvRow(['no', isWhole ? 'url' : `url (${NOTE})`, 'link', 'status', 'failure']);
  return isWhole ? '' : `${JSON.stringify({ note: NOTE })}\n`;
}

function line(format: MappingFormat, { index, url, link, status, failure }: UploadView): string {
  const code = status === 'failed' ? (failure?.code ?? null) : null;
  if (format === 'csv') return csvRow([`${index}`, url, link ?? '', status, code ?? '']);
  return `${JSON.stringify({ no: index, url, link, status, failure: code })}\n`;
}

/** A row of RFC 4180. */
export function csvRow(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

/** What a spreadsheet would take for a formula begins with an apostrophe. */
function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** What is known of one upload. */
export interface Row {
  readonly name: string;
  state: 'waiting' | 'sending' | 'complete' | 'failed';
  sentBytes: number;
  totalBytes: number;
  /** Its link, or why it failed. */
  note?: string;
  /** What was said of it last. */
  told: string;
}

const width = 24;

/** One upload as a bar. */
export function barOf(row: Row): string {
  return `${row.name.padEnd(14)} ${bar(shareOf(row))} ${noteOf(row)}`;
}

/** One upload as a line, the same for every quarter that it gets further. */
export function lineOf(row: Row): string {
  if (row.state !== 'sending') return `${row.name}: ${row.state}, ${row.note}`;
  const quarters = Math.floor(shareOf(row) * 4) * 25;
  return `${row.name}: ${quarters} % of ${megabytes(row.totalBytes)} sent`;
}

/** All of them. A picture that has not been begun with is as large as those that have, as far as anybody knows. */
export function totalOf(rows: readonly Row[]): string {
  const known = rows.filter(({ totalBytes }) => totalBytes > 0);
  const sent = known.reduce((sum, { sentBytes }) => sum + sentBytes, 0);
  const total =
    known.reduce((sum, { totalBytes }) => sum + totalBytes, 0) * (rows.length / (known.length || 1));
  const of = (state: Row['state']): number => rows.filter((row) => row.state === state).length;
  const counts = `${of('complete')} of ${rows.length} have a link, ${of('failed')} failed`;
  return `${'total'.padEnd(14)} ${bar(total === 0 ? 0 : sent / total)} ${megabytes(sent)} sent, ${counts}`;
}

function shareOf({ state, sentBytes, totalBytes }: Row): number {
  if (state === 'complete') return 1;
  return totalBytes === 0 ? 0 : sentBytes / totalBytes;
}

function noteOf(row: Row): string {
  if (row.state === 'sending') return `${megabytes(row.sentBytes)} of ${megabytes(row.totalBytes)}`;
  return row.state === 'waiting' ? 'waiting' : (row.note ?? '');
}

function bar(share: number): string {
  const full = Math.round(share * width);
  return '█'.repeat(full) + '░'.repeat(width - full);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

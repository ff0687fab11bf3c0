/** What is known of one upload. */
export interface Row {
  readonly name: string;
  state: 'waiting' | 'paused' | 'started' | 'sending' | 'complete' | 'failed';
  sentBytes: number;
  totalBytes: number;
  /** Its link, or why it failed. */
  note?: string;
  /** What was said of it last. */
  told: string;
}

/** A bar for each upload and one for all. No line is as wide as the terminal, so none wraps. */
export function barsOf(rows: readonly Row[], columns: number): string[] {
  const widths = divide(columns, rows);
  const line = (name: string, share: number, note: string): string =>
    [fit(name, widths.name).padEnd(widths.name), bar(share, widths.bar), fit(note, widths.note)]
      .filter((part) => part !== '')
      .join(' ')
      .slice(0, Math.max(0, columns - 1));
  const total = totals(rows).find((text) => text.length <= widths.note) ?? '';
  return [
    ...rows.map((row) => line(row.name, shareOf(row), noteOf(row))),
    line('total', shareOfAll(rows), total),
  ];
}

/** One upload as a line, the same for every quarter that it gets further. */
export function lineOf({ name, ...row }: Row): string {
  if (row.state === 'complete' || row.state === 'failed') return `${name}: ${row.state}, ${row.note}`;
  if (row.state !== 'sending') return `${name}: ${row.state}`;
  const quarters = Math.floor(shareOf(row) * 4) * 25;
  return quarters === 0 ? `${name}: started` : `${name}: ${quarters} % of ${megabytes(row.totalBytes)} sent`;
}

/** All of them as a line. */
export function totalLine(rows: readonly Row[]): string {
  return `total: ${totals(rows)[0]}`;
}

/** As much as `12.3 MB sent, 9 of 9 have a link, 0 failed`; a link is shorter. */
const wantedNote = 42;
/** The longest code of a failure is that of `source_unavailable`. */
const leastNote = 18;
const [leastBar, mostBar] = [4, 24];

/** The text has its width first, the bar what is left. Names are shortened before what has become of them is. */
function divide(columns: number, rows: readonly Row[]): Record<'name' | 'bar' | 'note', number> {
  const widest = Math.max(5, ...rows.map(({ name }) => name.length));
  const name = Math.max(5, Math.min(widest, 24, columns - 2 - leastNote));
  const rest = Math.max(0, columns - 2 - name);
  const left = Math.min(mostBar, rest - 1 - wantedNote);
  return left < leastBar ? { name, bar: 0, note: rest } : { name, bar: left, note: rest - 1 - left };
}

/** What is said of all, the longest first. */
function totals(rows: readonly Row[]): string[] {
  const of = (state: Row['state']): number => rows.filter((row) => row.state === state).length;
  const sent = rows.reduce((sum, { sentBytes }) => sum + sentBytes, 0);
  const [links, failed] = [`${of('complete')} of ${rows.length}`, `${of('failed')} failed`];
  const counts = `${links} have a link, ${failed}`;
  return [`${megabytes(sent)} sent, ${counts}`, counts, `${links}, ${failed}`, failed];
}

/** A picture that has not been begun with is as large as those that have, as far as anybody knows. */
function shareOfAll(rows: readonly Row[]): number {
  const known = rows.filter(({ totalBytes }) => totalBytes > 0);
  const sum = (count: (row: Row) => number): number => known.reduce((all, row) => all + count(row), 0);
  if (known.length === 0) return 0;
  return (
    (sum(({ sentBytes }) => sentBytes) / sum(({ totalBytes }) => totalBytes)) * (known.length / rows.length)
  );
}

function shareOf({ state, sentBytes, totalBytes }: Omit<Row, 'name'>): number {
  if (state === 'complete') return 1;
  return totalBytes === 0 ? 0 : sentBytes / totalBytes;
}

function noteOf({ state, note, sentBytes, totalBytes }: Row): string {
  if (state === 'sending') return `${megabytes(sentBytes)} of ${megabytes(totalBytes)}`;
  return note === undefined || note === '' ? state : note;
}

function bar(share: number, width: number): string {
  const full = Math.round(share * width);
  return '█'.repeat(full) + '░'.repeat(width - full);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** Shortened in the middle: how it begins and how it ends tell it from others. */
function fit(text: string, width: number): string {
  if (text.length <= width) return text;
  const end = Math.floor((width - 1) / 2);
  return `${text.slice(0, width - 1 - end)}…${end === 0 ? '' : text.slice(-end)}`;
}

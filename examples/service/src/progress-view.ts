/** How far one upload is, as the demo shows it. */
export interface Row {
  readonly name: string;
  readonly state: RowState;
}

/** An upload as its events tell it. */
export type RowState =
  | { readonly status: 'waiting' }
  | { readonly status: 'fetching' }
  | { readonly status: 'sending'; readonly sentBytes: number; readonly totalBytes: number }
  | { readonly status: 'complete'; readonly bytes: number; readonly link: string }
  | { readonly status: 'failed'; readonly code: string };

/** What a frame is drawn for. */
export interface Screen {
  readonly columns: number;
  readonly colours: boolean;
}

const paints = { dim: 2, red: 31, green: 32, cyan: 36 } as const;
type Paint = (colour: keyof typeof paints, text: string) => string;

/** Draws one line per row and a last one that counts them. No line is as wide as the screen, so none wraps. */
export function renderFrame(rows: readonly Row[], { columns, colours }: Screen): string[] {
  const paint: Paint = (colour, text) =>
    colours && text !== '' ? `\x1b[${paints[colour]}m${text}\x1b[0m` : text;
  const widths = divide(columns, rows);
  const line = (row: Row): string =>
    columns < leastForBars
      ? cut(`${row.name}  ${note(row.state)}`, columns - 1)
      : renderRow(row, widths, paint);
  return [...rows.map(line), '', cut(countLine(rows), columns - 1)];
}

/** Says how one upload ended, for output that can not be redrawn. `undefined` while it has not. */
export function renderEnding({ name, state }: Row, nameWidth: number): string | undefined {
  if (state.status === 'complete')
    return `complete  ${name.padEnd(nameWidth)}  ${size(state.bytes)}  ${state.link}`;
  if (state.status === 'failed')
    return `failed    ${name.padEnd(nameWidth)}  ${' '.repeat(7)}  ${state.code}`;
  return undefined;
}

/** The widest name, up to a limit that leaves room for the rest. */
export function nameWidth(rows: readonly Row[], most = 24): number {
  return Math.min(most, Math.max(0, ...rows.map(({ name }) => name.length)));
}

interface Widths {
  readonly name: number;
  readonly bar: number;
  readonly note: number;
}

const indent = '  ';
const gap = '  ';
const sizeWidth = 7;
const linkWidth = 31;
const leastForBars = 40;

/** The note at the end gets the width of a link first, the bar what is left. */
function divide(columns: number, rows: readonly Row[]): Widths {
  const name = nameWidth(rows, Math.max(6, Math.floor(columns / 4)));
  const rest = Math.max(0, columns - 1 - indent.length - name - 3 * gap.length - sizeWidth);
  const bar = Math.min(28, Math.max(4, rest - linkWidth));
  return { name, bar, note: Math.max(0, rest - bar) };
}

function renderRow({ name, state }: Row, widths: Widths, paint: Paint): string {
  const columns = [
    cut(name, widths.name).padEnd(widths.name),
    bar(state, widths.bar, paint),
    sizeOf(state),
    paintNote(state, widths.note, paint),
  ];
  return `${indent}${columns.join(gap)}`.trimEnd();
}

function bar(state: RowState, width: number, paint: Paint): string {
  if (state.status === 'failed') return paint('red', '╌'.repeat(width));
  if (state.status === 'complete') return paint('green', '━'.repeat(width));
  const sent = Math.floor(width * sentShare(state));
  return paint('cyan', '━'.repeat(sent)) + paint('dim', '─'.repeat(width - sent));
}

function sentShare(state: RowState): number {
  return state.status === 'sending' && state.totalBytes > 0 ? state.sentBytes / state.totalBytes : 0;
}

function sizeOf(state: RowState): string {
  if (state.status === 'sending') return size(state.totalBytes);
  return state.status === 'complete' ? size(state.bytes) : ' '.repeat(sizeWidth);
}

function size(bytes: number): string {
  const text = bytes < 1e6 ? `${Math.round(bytes / 1e3)} kB` : `${(bytes / 1e6).toPrecision(3)} MB`;
  return text.padStart(sizeWidth);
}

function paintNote(state: RowState, width: number, paint: Paint): string {
  const text = cut(note(state), width);
  if (state.status === 'failed') return paint('red', text);
  return state.status === 'complete' ? text : paint('dim', text);
}

function note(state: RowState): string {
  switch (state.status) {
    case 'sending':
      return `${Math.floor(100 * sentShare(state))} %`;
    case 'complete':
      return state.link;
    case 'failed':
      return state.code;
    default:
      return state.status;
  }
}

function countLine(rows: readonly Row[]): string {
  const count = (status: RowState['status']): number =>
    rows.filter(({ state }) => state.status === status).length;
  const complete = count('complete');
  const failed = count('failed');
  return `${indent}${complete + failed} of ${rows.length} done: ${complete} complete, ${failed} failed`;
}

function cut(text: string, width: number): string {
  if (text.length <= width) return text;
  return width < 1 ? '' : `${text.slice(0, width - 1)}…`;
}

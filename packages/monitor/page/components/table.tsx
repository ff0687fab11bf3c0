import type { ComponentChildren } from 'preact';

import type { Word } from '../words.ts';
import { Term } from './term.tsx';

export interface Column<Row> {
  readonly name: string;
  readonly cell: (row: Row) => ComponentChildren;
  /** Numbers stand one under the other. */
  readonly number?: boolean;
  /** It says which row this is. */
  readonly heads?: boolean;
  /** A word of the trade in its name, which is explained there. */
  readonly term?: Word;
  /** What it is sorted by; a column without can not be. */
  readonly by?: (row: Row) => number | string;
  /** It takes what room there is. */
  readonly wide?: boolean;
  /** On a narrow screen it has a line of its own. */
  readonly line?: boolean;
}

export interface Sorting {
  readonly column: string;
  readonly descending: boolean;
}

/** Rows under named columns. On a narrow screen each row becomes a small card of its own. */
export function Table<Row>({
  caption,
  columns,
  rows,
  keyOf,
  sorting,
  onSort,
  rowClass,
}: {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string | number;
  readonly sorting?: Sorting | undefined;
  readonly onSort?: (column: string) => void;
  readonly rowClass?: (row: Row) => string;
}) {
  return (
    <div class="table">
      <table>
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <Heading key={column.name} column={column} sorting={sorting} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)} class={rowClass?.(row)}>
              {columns.map((column) => (
                <Cell key={column.name} column={column} row={row} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Heading<Row>({
  column,
  sorting,
  onSort,
}: {
  readonly column: Column<Row>;
  readonly sorting: Sorting | undefined;
  readonly onSort: ((column: string) => void) | undefined;
}) {
  const { name } = column;
  if (column.by === undefined || onSort === undefined)
    return (
      <th scope="col" class={classOf(column)}>
        {name}
        {column.term !== undefined && <Term of={column.term} />}
      </th>
    );
  const order = sorting?.column !== name ? 'none' : sorting.descending ? 'descending' : 'ascending';
  const arrow = { none: '', ascending: '▲', descending: '▼' }[order];
  return (
    <th scope="col" class={classOf(column)} aria-sort={order}>
      <button type="button" class="sort" onClick={() => onSort(name)}>
        {name}
        <span aria-hidden="true">{arrow}</span>
      </button>
    </th>
  );
}

function Cell<Row>({ column, row }: { readonly column: Column<Row>; readonly row: Row }) {
  const content = <div>{column.cell(row)}</div>;
  if (column.heads)
    return (
      <th scope="row" class={classOf(column)} data-label={column.name}>
        {content}
      </th>
    );
  return (
    <td class={classOf(column)} data-label={column.name}>
      {content}
    </td>
  );
}

function classOf<Row>({ number, wide, line }: Column<Row>): string {
  return [number && 'number', wide && 'wide', line && 'line'].filter(Boolean).join(' ');
}

/** `-Load` is the column Load, largest first. */
export function parseSorting(text: string | null): Sorting | undefined {
  if (text === null || text === '') return undefined;
  return text.startsWith('-')
    ? { column: text.slice(1), descending: true }
    : { column: text, descending: false };
}

export function sorted<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  sorting: Sorting | undefined,
): readonly Row[] {
  const by = columns.find(({ name }) => name === sorting?.column)?.by;
  if (by === undefined) return rows;
  const turn = sorting?.descending ? -1 : 1;
  return rows.toSorted((one, other) => turn * compare(by(one), by(other)));
}

function compare(one: number | string, other: number | string): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  return String(one).localeCompare(String(other), 'en', { numeric: true });
}

import { isMet, writeAim } from './aim.ts';
import type { Row } from './row.ts';
import { median } from './statistics.ts';

const columns = [
  'measure',
  'unit',
  'runs',
  'imgferry',
  'min – max',
  'beside',
  'that',
  'min – max',
  'ratio',
  'aim',
  'met',
];

/**
 * Writes the rows as one Markdown table: medians, how far runs are apart, ours in relation to the peer, and whether the
 * aim is met, by the medians before they are rounded.
 */
export function writeTable(rows: readonly Row[]): string {
  const lines = [columns, columns.map(() => '---'), ...rows.map(cellsOf)];
  const widths = columns.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  return lines
    .map((cells) => `| ${cells.map((cell, at) => pad(cell, widths[at] ?? 0)).join(' | ')} |`)
    .join('\n');
}

function cellsOf(row: Row): string[] {
  const { what, unit, ours, peerName, peer } = row;
  const ratio = ratioOf(row);
  return [
    what,
    unit,
    String(ours.length),
    ...spread(ours),
    peerName ?? '',
    ...(peer === undefined ? ['', ''] : spread(peer)),
    ratio === undefined ? '' : figure(ratio),
    ...aimCells(row, ratio),
  ];
}

function ratioOf({ ours, peer }: Row): number | undefined {
  return peer && median(ours) / median(peer);
}

function aimCells({ what, ours, aim }: Row, ratio: number | undefined): [string, string] {
  if (aim === undefined) return ['', ''];
  const measured = aim.of === 'ours' ? median(ours) : ratio;
  if (measured === undefined) throw new Error(`${what}: the aim is of a ratio, and there is nothing beside`);
  return [writeAim(aim), isMet(aim, measured) ? 'yes' : 'no'];
}

function spread(figures: readonly number[]): [string, string] {
  return [figure(median(figures)), `${figure(Math.min(...figures))} – ${figure(Math.max(...figures))}`];
}

/** Three digits that count, more only where a number has them before its point. */
function figure(value: number): string {
  if (value === 0 || Number.isNaN(value)) return String(value);
  const decimals = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toLocaleString('en', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

function pad(cell: string, width: number): string {
  return cell === '---' ? '-'.repeat(width) : cell.padEnd(width);
}

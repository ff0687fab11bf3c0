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
];

/** Writes the rows as one Markdown table: medians, how far runs are apart, and ours in relation to the peer. */
export function writeTable(rows: readonly Row[]): string {
  const lines = [columns, columns.map(() => '---'), ...rows.map(cellsOf)];
  const widths = columns.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  return lines
    .map((cells) => `| ${cells.map((cell, at) => pad(cell, widths[at] ?? 0)).join(' | ')} |`)
    .join('\n');
}

function cellsOf({ what, unit, ours, peerName, peer, aim }: Row): string[] {
  const ratio = peer === undefined ? '' : (median(ours) / median(peer)).toFixed(2);
  return [
    what,
    unit,
    String(ours.length),
    ...spread(ours),
    peerName ?? '',
    ...(peer === undefined ? ['', ''] : spread(peer)),
    ratio,
    aim ?? '',
  ];
}

function spread(figures: readonly number[]): [string, string] {
  return [figure(median(figures)), `${figure(Math.min(...figures))} – ${figure(Math.max(...figures))}`];
}

/** Three digits that count, more only where a number has them before its point. */
function figure(value: number): string {
  if (value === 0) return '0';
  const decimals = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toLocaleString('en', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

function pad(cell: string, width: number): string {
  return cell === '---' ? '-'.repeat(width) : cell.padEnd(width);
}

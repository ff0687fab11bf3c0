import { describe, expect, it } from 'vitest';

import { isMet, writeAim } from '../src/aim.ts';
import type { Row } from '../src/row.ts';
import { writeTable } from '../src/table.ts';

const row: Row = { what: 'commands', unit: 'each', ours: [4, 5, 3] };

/** What the table has in the columns of one row, by their names; of two with one name the first. */
function cellsOf(each: Row): Record<string, string> {
  const [names = [], , cells = []] = writeTable([each])
    .split('\n')
    .map((line) => line.split('|').slice(1, -1))
    .map((line) => line.map((cell) => cell.trim()));
  return Object.fromEntries(names.map((name, at) => [name, cells[at] ?? ''] as const).toReversed());
}

describe('an aim', () => {
  it('says what is wanted, and whether of the ratio', () => {
    expect(writeAim({ of: 'ours', most: 1_000 })).toBe('≤ 1,000');
    expect(writeAim({ of: 'ours', most: 0.012 })).toBe('≤ 0.012');
    expect(writeAim({ of: 'ratio', least: 2.1 })).toBe('≥ 2.1 ×');
  });

  it('is met at its bound and not beyond it', () => {
    expect([0.299, 0.3, 0.301].map((figure) => isMet({ of: 'ours', most: 0.3 }, figure))).toEqual([
      true,
      true,
      false,
    ]);
    expect([2.09, 2.1, 2.11].map((figure) => isMet({ of: 'ratio', least: 2.1 }, figure))).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('is not met by what is no number', () => {
    expect(isMet({ of: 'ours', most: 2 }, Number.NaN)).toBe(false);
    expect(isMet({ of: 'ours', least: 2 }, Number.NaN)).toBe(false);
  });
});

describe('the table', () => {
  it('shows medians, how far runs are apart, and the ratio', () => {
    expect(cellsOf({ ...row, peerName: 'BullMQ', peer: [30, 40, 50] })).toMatchObject({
      measure: 'commands',
      unit: 'each',
      runs: '3',
      imgferry: '4.00',
      'min – max': '3.00 – 5.00',
      beside: 'BullMQ',
      that: '40.0',
      ratio: '0.100',
      aim: '',
      met: '',
    });
  });

  it('holds an aim of ours against our median, whatever is beside', () => {
    const peer = [40];
    expect(cellsOf({ ...row, peer, aim: { of: 'ours', most: 2 } })).toMatchObject({ aim: '≤ 2', met: 'no' });
    expect(cellsOf({ ...row, peer, aim: { of: 'ours', most: 4 } })).toMatchObject({ met: 'yes' });
  });

  it('holds an aim of the ratio against the ratio', () => {
    const aim = { of: 'ratio', most: 2 } as const;
    expect(cellsOf({ ...row, peer: [40], aim })).toMatchObject({ aim: '≤ 2 ×', met: 'yes' });
    expect(cellsOf({ ...row, peer: [1], aim })).toMatchObject({ met: 'no' });
  });

  it('refuses an aim of a ratio where nothing is beside', () => {
    expect(() => writeTable([{ ...row, aim: { of: 'ratio', most: 2 } }])).toThrow('nothing beside');
  });

  it('shows three digits that count, and all before the point', () => {
    const shown = [0, 0.00123456, 0.0485, 12.345, 8_783.4].map(
      (figure) => cellsOf({ ...row, ours: [figure] }).imgferry,
    );
    expect(shown).toEqual(['0', '0.00123', '0.0485', '12.3', '8,783']);
  });

  it('shows what could not be told as no number', () => {
    expect(cellsOf({ ...row, ours: [Number.NaN] }).imgferry).toBe('NaN');
  });

  it('has cells of one width in each column', () => {
    const lines = writeTable([row, { ...row, what: 'something with a longer name', unit: '' }]).split('\n');
    expect(new Set(lines.map((line) => line.length)).size).toBe(1);
  });
});

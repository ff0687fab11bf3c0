import { describe, expect, it, vi } from 'vitest';

import type { Row } from '../src/row.ts';
import { type Measure, runMeasures } from '../src/run-measures.ts';

const row = (what: string): Row => ({ what, unit: 's', ours: [1] });
const measuring =
  (what: string): Measure =>
  async () => [row(what)];
const failing: Measure = async () => {
  throw new Error('there is no Chromium\nlook for one');
};
const options = { quick: true, save: false };

describe('the measures', () => {
  it('run in their order, those that are asked for', async () => {
    const measures = { a: measuring('a'), b: measuring('b'), c: measuring('c') };
    const { rows, failures } = await runMeasures(measures, { ...options, measures: ['c', 'a'] });
    expect(rows).toEqual([row('a'), row('c')]);
    expect(failures).toEqual([]);
  });

  it('keep what the others found when one fails, and name it', async () => {
    const told = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const measures = { a: measuring('a'), monitor: failing, c: measuring('c') };
    const { rows, failures } = await runMeasures(measures, { ...options, measures: Object.keys(measures) });
    expect(rows).toEqual([row('a'), row('c')]);
    expect(failures).toEqual(['monitor: there is no Chromium']);
    expect(told.mock.calls.flat().join('')).toMatch(/^monitor failed: Error: there is no Chromium\n/);
  });
});

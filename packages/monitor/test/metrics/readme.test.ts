import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { tableRows } from '../../../../tests/setup/table-rows.ts';
import { realMetrics } from './real-metrics.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

describe('the table of metrics in the README', () => {
  it('has the name, type, labels and meaning of every metric as they are in real output, and no other', async () => {
    const rows = (await realMetrics()).map(({ name, type, help, samples }) => {
      const labels = new Set(samples.flatMap((sample) => Object.keys(sample.labels)));
      return [`\`${name}\``, type, [...labels].map((label) => `\`${label}\``).join(', '), help];
    });
    expect(tableRows(readme, 'metrics')).toEqual(rows);
  });
});
